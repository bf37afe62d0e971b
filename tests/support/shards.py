"""Suites of one program that makes its cases from numbers: it is given a range of them, and sums up in one line."""
from tests.support.runner import Case, Failure, run, text

SHARDS = 4


def cases(build, program: str, count: int, holds, seconds: int) -> "list[Case]":
    """`holds` is given what the program printed and says whether that is as it should be."""
    per_shard = count // SHARDS

    def shard(number: int) -> int:
        bounds = [number * per_shard, (number + 1) * per_shard]
        done = run([build.folder / "programs" / program, *bounds], check=False, timeout=seconds)
        if done.returncode != 0 or not holds(text(done.stdout)):
            raise Failure(f"exit status {done.returncode}\n{text(done.stdout)}{text(done.stderr)[:4000]}")
        return per_shard

    return [Case(f"shard-{number}", lambda number=number: shard(number)) for number in range(SHARDS)]
