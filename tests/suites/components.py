"""Twenty thousand random components, which are valid, and each with every flaw that it has a place for, which are not."""
import re

from tests.support import shards

SUMMARY = re.compile(r"\d+ valid, \d+ refused for (\d+) of (\d+) flaws, 0 failures")


def holds(output: str) -> bool:
    summary = SUMMARY.search(output)
    return summary is not None and summary[1] == summary[2]


def cases(build):
    return shards.cases(build, "random_components", 20_000, holds, seconds=1200)
