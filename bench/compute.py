"""Programs that compute: their speed against native code, Wasmtime and Node."""
import collections
import subprocess

from bench import programs
from bench.measure import NODE_INVOKE, NODE_RUN, OUTPUT, Bench, geometric_mean, measure, row
from tests.support.runner import ROOT, Failure, Skip

ENGINES = ("native", "tenon", "wasmtime", "node")
WITHOUT_NATIVE = tuple(engine for engine in ENGINES if engine != "native")
GC = {"binary_trees": "18", "heapsort": "1000000", "shapes": "200000"}  # the argument of each
# Of throw_catch.wat: the export and its arguments.
EXCEPTIONS = {
    "throw and catch": ("run", "1000000", "0"),
    "the same, 100 frames": ("run", "10000", "100"),
    "no throw": ("quiet", "100000000"),
}
WASMTIME_FLAGS = ["-W", "gc,function-references,exceptions"]
NODE_FLAGS = ["--no-warnings", "--experimental-wasm-exnref"]


def run(bench: Bench, wanted: "list[str]"):
    """Each program is compiled by one compiler to native code and to WebAssembly, and times itself: the fastest of its
    own runs in the fastest of the processes. All must compute the same."""
    print(f"{'program':12} " + " ".join(f"{engine:>9}" for engine in ENGINES) + "   ms; then tenon's speed against")
    speeds: "dict[str, list[float]]" = collections.defaultdict(list)
    for driver in programs.drivers():
        if wanted and driver.stem not in wanted:
            continue
        try:
            times = time_program(bench, driver)
        except (Skip, Failure) as problem:
            print(f"{driver.stem:12} skipped: {problem}")
            continue
        print(f"{driver.stem:12} {row(times, ENGINES, 1e-6)}", flush=True)
        bench.results[f"compute/{driver.stem}"] = times
        for peer in times:
            if peer != "tenon" and "tenon" in times:
                speeds[peer].append(times[peer] / times["tenon"])
    for peer, ratios in speeds.items():
        mean = geometric_mean(ratios)
        print(f"geometric mean of tenon's speed, {peer} = 1: {mean:.3f} (worst {min(ratios):.2f}, of {len(ratios)})")
        bench.results[f"compute mean/{peer}"] = mean


def time_program(bench: Bench, driver) -> "dict[str, float]":
    built = programs.build(driver)
    commands = {"native": [built["native"]]} | bench.engines(built["wasm"], node=NODE_RUN)
    sums = set()

    def nanoseconds(measured) -> float:
        checksum, time = measured.output.split()
        sums.add(checksum)
        return float(time)

    times = bench.interleave(commands, bench.rounds, nanoseconds)
    if len(sums) != 1:
        raise Failure(f"the engines computed different results: {' '.join(sorted(sums))}")
    return times


def objects(bench: Bench):
    """Programs whose data are structs and arrays, and programs that throw: CPU time of whole processes, from the cache."""
    print(f"{'':22} " + " ".join(f"{engine:>9}" for engine in WITHOUT_NATIVE) + "   ms of CPU; then tenon's speed against")
    for name, argument in GC.items():
        invoke(bench, name, module(bench, "gc", name), "run", argument)
    for title, (function, *arguments) in EXCEPTIONS.items():
        invoke(bench, title, module(bench, "exceptions", "throw_catch"), function, *arguments)


def module(bench: Bench, folder: str, name: str):
    wasm = OUTPUT / f"{name}.wasm"
    source = ROOT / "bench" / folder / f"{name}.wat"
    subprocess.run([bench.tenon, "parse", source, "-o", wasm], env=bench.environment, check=True)
    return wasm


def invoke(bench: Bench, title: str, wasm, function: str, *arguments: str):
    options = ["--invoke", function]
    commands = bench.engines(wasm, *arguments, options=options, wasmtime=WASMTIME_FLAGS)
    if bench.node:
        commands["node"] = [bench.node, *NODE_FLAGS, NODE_INVOKE, wasm, function, *arguments]
    for command in commands.values():
        measure(command, bench.environment)  # fills the cache
    times = bench.interleave(commands, bench.rounds, lambda measured: measured.cpu_seconds * 1e3)
    print(f"{title:22} {row(times, WITHOUT_NATIVE, 1)}", flush=True)
    bench.results[f"objects/{title}"] = times
