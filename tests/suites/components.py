"""Twenty thousand random components, which are valid, and each with every flaw that it has a place for, which are not."""
import re

from tests.support.runner import Case, Failure, run, text

COUNT = 20_000
SHARDS = 4
LIMIT_SECONDS = 1200
SUMMARY = re.compile(r"\d+ valid, \d+ refused for (\d+) of (\d+) flaws, 0 failures")


def shard(build, number: int) -> int:
    per_shard = COUNT // SHARDS
    bounds = [number * per_shard, (number + 1) * per_shard]
    done = run([build.folder / "programs" / "random_components", *bounds], check=False, timeout=LIMIT_SECONDS)
    summary = SUMMARY.search(text(done.stdout))
    if done.returncode != 0 or not summary or summary[1] != summary[2]:
        raise Failure(f"exit status {done.returncode}\n{text(done.stdout)}{text(done.stderr)[:4000]}")
    return per_shard


def cases(build):
    return [Case(f"shard-{number}", lambda number=number: shard(build, number)) for number in range(SHARDS)]
