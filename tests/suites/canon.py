"""A hundred thousand random types with values, lowered and lifted by the library and by a model that was written from the
Canonical ABI's specification alone, with a guest whose realloc is hostile."""
import re

from tests.support.runner import Case, Failure, run, text

COUNT = 100_000
SHARDS = 4
LIMIT_SECONDS = 600
SUMMARY = re.compile(r"(\d+) cases, (\d+) trapped by (\d+) of (\d+) conditions, 0 differed")


def shard(build, number: int) -> int:
    per_shard = COUNT // SHARDS
    bounds = [number * per_shard, (number + 1) * per_shard]
    done = run([build.folder / "programs" / "canon_model", *bounds], check=False, timeout=LIMIT_SECONDS)
    summary = SUMMARY.search(text(done.stdout))
    if done.returncode != 0 or not summary:
        raise Failure(f"exit status {done.returncode}\n{text(done.stdout)}{text(done.stderr)[:4000]}")
    # Each `trap_if` of the specification's loading and storing has a case, or the generator has lost its edge.
    if summary[3] != summary[4]:
        raise Failure(f"{text(done.stdout)}{text(done.stderr)[:4000]}")
    return per_shard


def cases(build):
    return [Case(f"shard-{number}", lambda number=number: shard(build, number)) for number in range(SHARDS)]
