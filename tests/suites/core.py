"""The test suite of the core standard: every script, unoptimized and optimized. Counts assertions."""
from tests.support import wast
from tests.support.runner import Case

LEVELS = [0, 2]
KNOWN_FAILURES: "dict[str, str]" = {}


def run_level(build, level: int):
    return wast.run_scripts(build, wast.corpus(), KNOWN_FAILURES, "--opt-level", level)


def cases(build):
    return [Case(f"level-{level}", lambda level=level: run_level(build, level)) for level in LEVELS]
