"""Ten thousand damaged modules and components, decoded, validated and, where small, compiled, in one process."""
import re
import struct

from tests.support import guests
from tests.support.runner import Case, Failure, require, run, text

COUNT = 10_000
SHARDS = 4
REPEATED = 500
LIMIT_SECONDS = 1800
# Small ones, which are compiled when a mutant is valid, and large ones, which are decoded and validated.
SMALL = [
    "made/counter.wasm", "made/echo-variant.wasm", "made/echo-list-variant.wasm", "made/echo-flags-12.wasm",
    "made/forward-record.wasm", "made/forward-option-option.wasm", "made/forward-string-utf16.wasm",
    "mutate/numeric.wasm", "mutate/control.wasm", "mutate/tables.wasm", "mutate/vector.wasm",
]  # fmt: skip
LARGE = ["c/hello.wasm", "cpp/words.wasm"]
SUMMARY = re.compile(r"hash ([0-9a-f]{16})")


def mutate(build, seeds, start: int, end: int) -> str:
    """The line that the program prints for a range of mutants."""
    program = build.folder / "programs" / "mutate"
    progress = build.scratch(f"mutate-{start}") / "progress"
    command = [program, "--from", start, "--to", end, "--progress", progress, *seeds]
    done = run(command, check=False, timeout=LIMIT_SECONDS, env=build.environment())
    if done.returncode != 0 or not SUMMARY.search(text(done.stdout)):
        number = struct.unpack("<Q", progress.read_bytes())[0] if progress.exists() else start
        repeat = f"mutate --from {number} --to {number + 1} --save mutant.wasm {' '.join(map(str, seeds))}"
        raise Failure(f"exit status {done.returncode} at mutant {number}; to repeat:\n{repeat}\n{text(done.stderr)[-4000:]}")
    return text(done.stdout)


def shard(build, number: int) -> int:
    per_shard = COUNT // SHARDS
    seeds = [guests.make(name) for name in (LARGE if number == SHARDS - 1 else SMALL)]
    mutate(build, seeds, number * per_shard, (number + 1) * per_shard)
    return per_shard


def deterministic(build):
    seeds = [guests.make(name) for name in SMALL]
    first, second = (mutate(build, seeds, COUNT, COUNT + REPEATED) for _ in range(2))
    require(first == second, f"two runs of the same mutants differ:\n{first}{second}")


def cases(build):
    shards = [Case(f"shard-{number}", lambda number=number: shard(build, number)) for number in range(SHARDS)]
    return [*shards, Case("deterministic", lambda: deterministic(build))]
