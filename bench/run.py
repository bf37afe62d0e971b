#!/usr/bin/env python3
"""Prints what tenon costs beside Wasmtime, Node and native code, where they are installed.

    bench/run.py [start] [kernels] [gc] [stdin] [compile] [--rounds N] [--json FILE]

Rounds are interleaved: every engine runs once before any runs again, so that a machine that slows down slows all of
them. What counts is the fastest run of each, and ratios within one run of this script.
"""
import argparse
import dataclasses
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.support import guests  # noqa: E402
from tests.support.runner import Build, Failure, Skip  # noqa: E402

KERNELS = ROOT / "bench" / "kernels"
OUTPUT = ROOT / "build" / "bench"
GC = ROOT / "bench" / "gc"
GC_ARGUMENTS = {"binary_trees": 18, "heapsort": 1_000_000, "shapes": 200_000}
NODE_RUN = ROOT / "bench" / "run_wasi.mjs"
NODE_INVOKE = ROOT / "bench" / "run_export.mjs"


@dataclasses.dataclass
class Measured:
    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


def measure(command: list, environment: dict, stdin=subprocess.DEVNULL) -> "Measured | None":
    """One whole process: wall and CPU time, peak resident memory, standard output; None if it failed."""
    start = time.perf_counter()
    with subprocess.Popen([str(c) for c in command], stdin=stdin, stdout=subprocess.PIPE, env=environment) as child:
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        print(f"  failed with {child.returncode}: {' '.join(map(str, command))}", file=sys.stderr)
        return None
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.decode())


class Bench:
    def __init__(self, rounds: int):
        self.rounds = rounds
        self.results: dict = {}
        build = Build("release")
        self.tenon = build.tenon
        self.environment = build.environment(XDG_CACHE_HOME=str(OUTPUT / "cache"))
        self.wasmtime = shutil.which("wasmtime")
        self.node = shutil.which("node")

    def interleave(self, commands: "dict[str, list]", rounds: int, value) -> "dict[str, float]":
        """The smallest `value` of each command over the rounds; a command that fails drops out."""
        best: "dict[str, float]" = {}
        alive = dict(commands)
        for _ in range(rounds):
            for name, command in list(alive.items()):
                measured = measure(command, self.environment)
                if measured is None:
                    del alive[name]
                    best.pop(name, None)
                else:
                    best[name] = min(best.get(name, math.inf), value(measured))
        return best

    def engines(self, wasm: pathlib.Path, *arguments: str) -> "dict[str, list]":
        commands = {"tenon": [self.tenon, "run", wasm, *arguments]}
        if self.wasmtime:
            commands["wasmtime"] = [self.wasmtime, "run", wasm, *arguments]
        return commands

    def kernels(self):
        """Twelve kernels in C, compiled by one compiler to native code and to WebAssembly; each times itself."""
        print(f"{'kernel':12} {'native':>9} {'tenon':>9} {'wasmtime':>9} {'node':>9}   ms; then tenon's speed against")
        speeds: "dict[str, list[float]]" = {}
        for source in sorted(KERNELS.glob("*.c")):
            times = self.kernel(source)
            shown = [f"{times[e] / 1e6:9.1f}" if e in times else f"{'-':>9}" for e in ("native", "tenon", "wasmtime", "node")]
            ratios = []
            for peer in ("native", "wasmtime", "node"):
                if peer in times and "tenon" in times:
                    speeds.setdefault(peer, []).append(times[peer] / times["tenon"])
                    ratios.append(f"{peer} {times[peer] / times['tenon']:.2f}")
            print(f"{source.stem:12} {' '.join(shown)}   {'  '.join(ratios)}", flush=True)
            self.results[f"kernel/{source.stem}"] = times
        for peer, ratios in speeds.items():
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
            print(f"geometric mean of tenon's speed, {peer} = 1: {mean:.3f} (worst {min(ratios):.2f})")
            self.results[f"kernels/{peer}"] = mean

    def kernel(self, source: pathlib.Path) -> "dict[str, float]":
        native, wasm = OUTPUT / source.stem, OUTPUT / f"{source.stem}.wasm"
        inputs = [source, KERNELS / "kernel.h"]
        guests.build(native, inputs, ["clang-22", "-O2", source, "-o", native, "-lm"])
        target = ["--target=wasm32-wasi", "-Wno-deprecated", "--no-wasm-opt"]
        guests.build(wasm, inputs, ["clang-22", *target, "-O2", source, "-o", wasm])
        commands = {"native": [native]} | self.engines(wasm)
        if self.node:
            commands["node"] = [self.node, "--no-warnings", NODE_RUN, wasm]
        return self.interleave(commands, self.rounds, lambda measured: float(measured.output.split()[1]))

    def gc(self):
        """Programs whose data are structs and arrays: CPU time of whole processes, from the cache."""
        print(f"{'gc':12} {'tenon':>9} {'wasmtime':>9} {'node':>9}   ms of CPU; then tenon's speed against")
        for source in sorted(GC.glob("*.wat")):
            wasm = OUTPUT / f"{source.stem}.wasm"
            subprocess.run([self.tenon, "parse", source, "-o", wasm], env=self.environment, check=True)
            argument = str(GC_ARGUMENTS[source.stem])
            commands = {"tenon": [self.tenon, "run", "--invoke", "run", wasm, argument]}
            if self.wasmtime:
                commands["wasmtime"] = [self.wasmtime, "run", "-W", "gc,function-references", "--invoke", "run", wasm, argument]
            if self.node:
                commands["node"] = [self.node, "--no-warnings", NODE_INVOKE, wasm, argument]
            for command in commands.values():
                measure(command, self.environment)  # fills the cache
            times = self.interleave(commands, self.rounds, lambda measured: measured.cpu_seconds * 1e3)
            shown = " ".join(f"{times[e]:9.0f}" if e in times else f"{'-':>9}" for e in ("tenon", "wasmtime", "node"))
            ratios = [f"{p} {times[p] / times['tenon']:.2f}" for p in ("wasmtime", "node") if p in times and "tenon" in times]
            print(f"{source.stem:12} {shown}   {'  '.join(ratios)}", flush=True)
            self.results[f"gc/{source.stem}"] = times

    def start(self):
        """A whole process from the cache, to its printed result."""
        print(f"{'start, from cache':34} {'tenon':>9} {'wasmtime':>9}   ms (wall; fastest of interleaved runs)")
        typed = ["--invoke", 'greet("world")']
        self.start_of("hello, C preview 1", "c/hello.wasm", [], [])
        self.start_of("hello, C component", "c/hello.component.wasm", [], [])
        self.start_of("hello, Rust component", "rust/hello.component.wasm", [], [])
        self.start_of("hello, Go preview 1", "go/hello.wasm", [], [])
        unknown = ["-W", "unknown-imports-trap"]
        self.start_of("greet, JavaScript component", "js/greet.component.wasm", unknown + typed, ["-S", "http"] + typed)
        network = ["-S", "inherit-network"]
        self.start_of("greet, Python component", "python/greet.component.wasm", unknown + typed, network + typed)

    def start_of(self, title: str, guest: str, flags: list, wasmtime_flags: list):
        try:
            wasm = guests.make(guest)
        except (Skip, Failure) as problem:
            print(f"{title:34} skipped: {problem}")
            return
        commands = {"tenon": [self.tenon, "run", *flags, wasm]}
        if self.wasmtime:
            commands["wasmtime"] = [self.wasmtime, "run", *wasmtime_flags, wasm]
        for command in commands.values():
            measure(command, self.environment)  # fills the cache
        times = self.interleave(commands, self.rounds * 10, lambda measured: measured.seconds * 1e3)
        shown = " ".join(f"{times[e]:9.2f}" if e in times else f"{'-':>9}" for e in ("tenon", "wasmtime"))
        ratio = f"  wasmtime/tenon {times['wasmtime'] / times['tenon']:.2f}" if len(times) == 2 else ""
        print(f"{title:34} {shown} {ratio}", flush=True)
        self.results[f"start/{guest}"] = times

    def stdin(self):
        """A hundred megabytes through standard input."""
        data = OUTPUT / "zeros"
        with open(data, "wb") as file:
            file.truncate(100_000_000)
        best: "dict[str, float]" = {}
        for _ in range(self.rounds + 1):  # the first fills the cache
            for name, command in self.engines(guests.make("c/stdin.wasm")).items():
                with open(data, "rb") as file:
                    measured = measure(command, self.environment, stdin=file)
                if measured:
                    best[name] = min(best.get(name, math.inf), measured.seconds)
        rates = {name: 0.1 / seconds for name, seconds in best.items()}
        print("stdin, 100 MB: " + ", ".join(f"{name} {rate:.2f} GB/s" for name, rate in rates.items()))
        self.results["stdin"] = rates

    def compile(self):
        """Ahead of time, the largest of the guests that are to be had."""
        try:
            wasm = guests.make("js/greet.component.wasm")
        except Skip as problem:
            print(f"compile: skipped: {problem}")
            return
        size = wasm.stat().st_size / 1e6
        for level in ("0", "1", "2"):
            output = OUTPUT / "compiled"
            command = [self.tenon, "compile", "-O", f"opt-level={level}", wasm, "-o", output]
            self.report_compile(f"tenon, level {level}", size, measure(command, self.environment), output)
        if self.wasmtime:
            command = [self.wasmtime, "compile", wasm, "-o", output]
            self.report_compile("wasmtime", size, measure(command, self.environment), output)

    def report_compile(self, title: str, size: float, measured: "Measured | None", output: pathlib.Path):
        if not measured:
            return
        print(
            f"compile, {title}: {size:.1f} MB in {measured.seconds:.1f} s ({size / measured.seconds:.2f} MB/s, "
            f"{measured.cpu_seconds:.1f} s of CPU), peak {measured.peak_mb:.0f} MB, artifact {output.stat().st_size / 1e6:.1f} MB",
            flush=True,
        )
        self.results[f"compile/{title}"] = dataclasses.asdict(measured)


def main():
    parts = ["start", "kernels", "gc", "stdin", "compile"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {' '.join(parts)} (default: all)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file, too")
    arguments = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    bench = Bench(arguments.rounds)
    for peer, path in (("wasmtime", bench.wasmtime), ("node", bench.node)):
        if not path:
            print(f"{peer} is not installed: no comparison with it")
    for part in arguments.parts or parts:
        if part not in parts:
            parser.error(f"no part named `{part}`; there are {' '.join(parts)}")
        getattr(bench, part)()
    if arguments.json:
        arguments.json.write_text(json.dumps(bench.results, indent=2))


main()
