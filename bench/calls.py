"""Calls of components: what each costs beside an empty indirect call in C and beside Wasmtime, and whether that meets
what is asked of tenon.

Both sides run the same two components (bench/calls) in one process each, which take turns. Wasmtime is driven through
its C API, whose calls carry values where those of its Rust API are typed: what the host calls, and what calls the host,
costs it more than it would in Rust; what guests do among themselves does not depend on it."""
import dataclasses
import math
import pathlib
import subprocess
import zipfile

from bench.measure import OUTPUT, Bench, measure
from tests.support import guests
from tests.support.runner import ROOT, Failure, Skip, tool

FOLDER = ROOT / "bench" / "calls"
WASMTIME = "wasmtime==48.0.0"  # the package of PyPI that carries the library; of 48, this is the only one
BLOCK, CHUNK = 1 << 20, 1 << 16  # bytes of a list or a string, and of a part of a stream


@dataclasses.dataclass(frozen=True)
class Row:
    name: str  # as the programs print it
    title: str
    limit: "float | None" = None  # nanoseconds at most, GB/s at least, or a part of `copy`; None: only shown
    bytes: int = 0  # that one of it moves: a rate is shown then
    of_copy: bool = False  # the limit is a part of what `copy` reaches


ROWS = (
    Row("host-to-guest", "host to guest, two u32", 12),
    Row("guest-to-host", "guest to host, two u32", 8),
    Row("guest-to-guest", "guest to guest, u32", 3),
    Row("small-callee", "the same, a callee small enough to inline", 1),
    Row("copy", "memory.copy between two memories, 1 MiB", None, BLOCK),
    Row("list", "list<u8>, 1 MiB", 0.8, BLOCK, of_copy=True),
    Row("text", "string, utf8 to utf8, 1 MiB of ASCII", 10, BLOCK),
    Row("text16", "string, utf8 to utf16, 1 MiB of ASCII", 3, BLOCK),
    Row("own", "own handle, there and back", 20),
    Row("borrow", "borrow handle, to who defines the resource", 20),
    Row("borrow-handle", "borrow handle, to another, which drops it", 20),
    Row("new-drop", "a resource is made, passed on and dropped"),
    Row("async-host-to-guest", "host to guest, async", 200),
    Row("stream", "stream<u8>, guest to guest, 64 KiB at a time", 5, CHUNK),
)


def run(bench: Bench):
    components = [component(bench, name) for name in ("calls", "async")]
    commands = {"tenon": [bench.build / "programs" / "calls", *components]}
    try:
        commands["wasmtime"] = [*driver(), *components]
    except (Skip, Failure) as problem:
        print(f"wasmtime: not measured: {problem}")
    figures = {engine: {} for engine in commands}
    for _ in range(bench.rounds):
        for engine, command in commands.items():
            measured = measure(command, bench.environment)
            for line in measured.output.splitlines() if measured else ():
                name, value = line.split()
                figures[engine][name] = min(figures[engine].get(name, math.inf), float(value))
    report(figures)
    bench.results["calls"] = figures


def component(bench: Bench, name: str) -> pathlib.Path:
    wasm = OUTPUT / f"{name}.wasm"
    subprocess.run([bench.tenon, "parse", FOLDER / f"{name}.wat", "-o", wasm], env=bench.environment, check=True)
    return wasm


def driver() -> list:
    """The command that measures Wasmtime."""
    folder = ROOT / "build" / "tools" / WASMTIME.replace("==", "-")
    library = folder / "wasmtime" / "linux-x86_64" / "_libwasmtime.so"
    if not library.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [tool("python3"), "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, WASMTIME]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            raise Skip(f"pip cannot download {WASMTIME}")
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            wheel.extractall(folder)
    program = OUTPUT / "wasmtime-calls"
    source = FOLDER / "wasmtime.c"
    guests.build(program, [source], [tool("clang-22", "cc"), "-O2", source, "-o", program, "-ldl"])
    return [program, library]


def report(figures: "dict[str, dict[str, float]]"):
    tenon, wasmtime = figures["tenon"], figures.get("wasmtime", {})
    empty = tenon.get("empty", math.nan)
    print(f"an empty indirect call in C: {empty:.2f} ns, which is 1 x")
    print(f"{'calls':46} {'tenon':>11} {'':>8}  {'asked':>12}         {WASMTIME.replace('==', ' '):>15}")
    missed = 0
    for row in ROWS:
        if row.name not in tenon:
            print(f"{row.title:46} {'failed':>11}")
            missed += row.limit is not None
            continue
        times = f"{tenon[row.name] / empty:6.1f} x" if not row.bytes else ""
        asked, verdict = judge(row, tenon)
        missed += verdict == "missed"
        theirs = shown(row, wasmtime[row.name]) if row.name in wasmtime else "not measured"
        print(f"{row.title:46} {shown(row, tenon[row.name]):>11} {times:>8}  {asked:>12} {verdict:7} {theirs:>15}")
    print(f"{missed} of {sum(row.limit is not None for row in ROWS)} missed", flush=True)


def shown(row: Row, nanoseconds: float) -> str:
    return f"{row.bytes / nanoseconds:.1f} GB/s" if row.bytes else f"{nanoseconds:.1f} ns"


def judge(row: Row, figures: "dict[str, float]") -> "tuple[str, str]":
    """What is asked, and whether it is met."""
    if row.limit is None:
        return "", ""
    own = figures[row.name]
    if row.of_copy:
        part = figures["copy"] / own
        return f">= {row.limit:g} copy", "met" if part >= row.limit else "missed"
    if row.bytes:
        return f">= {row.limit:g} GB/s", "met" if row.bytes / own >= row.limit else "missed"
    return f"<= {row.limit:g} ns", "met" if own <= row.limit else "missed"
