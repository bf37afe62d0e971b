"""A hundred thousand random types with values, lowered and lifted by the library and by a model that was written from the
Canonical ABI's specification alone, with a guest whose realloc is hostile; and four thousand functions between
two components, called with random values by adapters that are compiled, where both sides are such guests."""
import re

from tests.support import shards
from tests.support.runner import Case

FUNCTIONS = 4_000
SUMMARY = re.compile(r"(\d+) cases, (\d+) trapped by (\d+) of (\d+) conditions, 0 differed")
ADAPTERS = re.compile(r"\d+ functions, \d+ calls, \d+ trapped, 0 differed")


def holds(output: str) -> bool:
    summary = SUMMARY.search(output)
    # Each `trap_if` of the specification's loading and storing has a case, or the generator has lost its edge.
    return summary is not None and summary[3] == summary[4]


def adapters_hold(output: str) -> bool:
    return ADAPTERS.search(output) is not None


def cases(build):
    values = shards.cases(build, "canon_model", 100_000, holds, seconds=600)
    adapters = shards.cases(build, "canon_adapters", FUNCTIONS, adapters_hold, seconds=600)
    return values + [Case(f"adapters-{case.name}", case.run) for case in adapters]
