"""What the benchmarks are written with: whole processes measured, engines run in turn."""
import dataclasses
import math
import os
import pathlib
import shutil
import subprocess
import sys
import time

from tests.support import guests
from tests.support.runner import ROOT, Build, Skip

OUTPUT = ROOT / "build" / "bench"
NODE = "node@24.11.1"  # from npm; the node on PATH where npm has none to offer
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
    pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([str(c) for c in command], env=environment, **pipes) as child:
        output, errors = child.stdout.read(), child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        print(f"  failed with {child.returncode}: {' '.join(map(str, command))}\n{errors.decode()}", file=sys.stderr)
        return None
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.decode())


def geometric_mean(values: "list[float]") -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


class Bench:
    """The engines, and the results so far: by name, what --json writes."""

    def __init__(self, rounds: int):
        self.rounds = rounds
        self.results: dict = {}
        build = Build("release")
        self.tenon = build.tenon
        self.build = build.folder
        self.environment = build.environment(XDG_CACHE_HOME=str(OUTPUT / "cache"))
        self.wasmtime = shutil.which("wasmtime")
        try:
            self.node = guests.npm(NODE) / ".bin" / "node"
        except Skip:
            self.node = shutil.which("node")

    def engines(self, wasm: pathlib.Path, *arguments: str, options=(), wasmtime=(), node=None) -> "dict[str, list]":
        """The command lines that run a module; `node`: the script that Node does it with."""
        commands = {"tenon": [self.tenon, "run", *options, wasm, *arguments]}
        if self.wasmtime:
            commands["wasmtime"] = [self.wasmtime, "run", *wasmtime, *options, wasm, *arguments]
        if self.node and node:
            commands["node"] = [self.node, "--no-warnings", node, wasm, *arguments]
        return commands

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


def row(times: "dict[str, float]", engines: "tuple[str, ...]", scale: float) -> str:
    """The times of the engines, and tenon's speed against each of the others."""
    shown = " ".join(f"{times[e] * scale:9.1f}" if e in times else f"{'-':>9}" for e in engines)
    ratios = [f"{e} {times[e] / times['tenon']:.2f}" for e in engines if e in times and e != "tenon" and "tenon" in times]
    return f"{shown}   {'  '.join(ratios)}"
