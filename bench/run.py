#!/usr/bin/env python3
"""Prints what tenon costs beside Wasmtime, Node and native code, where they are installed.

    bench/run.py [PART...] [--program NAME...] [--rounds N] [--json FILE]

    start     whole processes from the cache, to their printed result
    compute   kernels in C and real programs, against native code
    objects   garbage collection and exceptions
    calls     calls into, out of and between components, against what is asked of them
    stdin     a hundred megabytes through standard input
    compile   ahead of time

Rounds are interleaved: every engine runs once before any runs again, so that a machine that slows down slows all of
them. What counts is the fastest run of each, and ratios within one run of this script.
"""
import argparse
import dataclasses
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import calls, compute  # noqa: E402
from bench.measure import OUTPUT, Bench, Measured, measure  # noqa: E402
from tests.support import guests  # noqa: E402
from tests.support.runner import Failure, Skip  # noqa: E402


class Suite(Bench):
    """A method for each part."""

    def __init__(self, rounds: int, programs: "list[str]"):
        super().__init__(rounds)
        self.programs = programs

    def compute(self):
        compute.run(self, self.programs)

    def objects(self):
        compute.objects(self)

    def calls(self):
        calls.run(self)

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
        commands = self.engines(wasm, options=flags)
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
    parts = ["start", "compute", "objects", "calls", "stdin", "compile"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {' '.join(parts)} (default: all)")
    parser.add_argument("--program", action="append", default=[], help="of compute: this program alone (may be repeated)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path, help="write the figures to this file, too")
    arguments = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    bench = Suite(arguments.rounds, arguments.program)
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
