"""A hundred thousand random types with values, lowered and lifted by the library and by a model that was written from the
Canonical ABI's specification alone, with a guest whose realloc is hostile."""
import re

from tests.support import shards

SUMMARY = re.compile(r"(\d+) cases, (\d+) trapped by (\d+) of (\d+) conditions, 0 differed")


def holds(output: str) -> bool:
    summary = SUMMARY.search(output)
    # Each `trap_if` of the specification's loading and storing has a case, or the generator has lost its edge.
    return summary is not None and summary[3] == summary[4]


def cases(build):
    return shards.cases(build, "canon_model", 100_000, holds, seconds=600)
