"""Generated modules, run here and in V8: results of all exports, kinds of traps, what was logged, and memories are the
same. Counts modules, each at both levels of optimization."""
import random
import re

from tests.support import guests
from tests.support.runner import ROOT, Case, Failure, require, run, text, tool

SOURCES = ROOT / "tests" / "differential"
SHARDS = 4
PER_SHARD = 250
SEED_BYTES = (200, 6000)
LEVELS = [0, 2]
LIMIT_SECONDS = 600
# What `wasm-opt` of Debian 12 (version 108) writes as the standard has it now: its reference types, exceptions and GC are
# older than that.
FEATURES = [
    f"--enable-{name}" for name in ("bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "sign-ext")
]
TAIL_CALLS = "--enable-tail-call"
TAIL_CALLS_NODE = 20  # the first major version that has them
SIMD = "--enable-simd"
# Their NaNs have bits that the standard leaves open, and --denan knows scalars alone.
OPEN_NANS = re.compile(r"\bf(32x4|64x2)\.(add|sub|mul|div|sqrt|min|max|ceil|floor|trunc|nearest|demote|promote)")
SUMMARY = re.compile(r"(\d+) agreed, (\d+) differed$")


def generate(build, folder, number: int):
    """Module number `number`: the same one on every run. Every second one has been through random passes."""
    source = random.Random(number)
    seed = folder / f"{number}.seed"
    seed.write_bytes(source.randbytes(source.randint(*SEED_BYTES)))
    module = folder / f"{number}.wasm"
    options = ["--fuzz-passes"] if number % 2 else []
    if guests.node_version() >= TAIL_CALLS_NODE:
        options.append(TAIL_CALLS)
    for simd in ([SIMD], []):
        run([tool("wasm-opt"), seed, "-ttf", *options, *FEATURES, *simd, "--denan", "-o", module])
        if not simd or not OPEN_NANS.search(text(run([build.tenon, "print", module]).stdout)):
            break
    return module


def shard(build, number: int) -> int:
    node = tool("node")
    tool("wasm-opt")
    folder = build.scratch(f"differential-{number}")
    helpers = []
    for name in ("support", "hasher"):
        helpers.append(folder / f"{name}.wasm")
        run([build.tenon, "parse", SOURCES / f"{name}.wat", "-o", helpers[-1]])
    modules = [generate(build, folder, number * PER_SHARD + i) for i in range(PER_SHARD)]
    for level in LEVELS:
        played = run([build.folder / "programs" / "differential", level, *helpers, *modules], check=False,
                     timeout=LIMIT_SECONDS, env=build.environment())  # fmt: skip
        require(played.returncode == 0, f"exit status {played.returncode} at level {level}\n{text(played.stderr)[-4000:]}")
        log = folder / f"level-{level}.log"
        log.write_bytes(played.stdout)
        compared = text(run([node, SOURCES / "compare.mjs", *helpers, log], timeout=LIMIT_SECONDS).stdout)
        counts = SUMMARY.search(compared.strip())
        if not counts or counts[2] != "0" or int(counts[1]) != len(modules):
            raise Failure(f"at level {level}, modules are in {folder}:\n{compared[-4000:]}")
    return len(modules)


def cases(build):
    return [Case(f"shard-{number}", lambda number=number: shard(build, number)) for number in range(SHARDS)]
