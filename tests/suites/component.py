"""The test suite of the Component Model: every script, unoptimized and optimized. Counts assertions."""
from tests.support import wast
from tests.support.runner import Case

LEVELS = [0, 2]
# The corpus has what the standard has dropped since.
FEATURES = "cm-legacy,threads"
KNOWN_FAILURES: "dict[str, str]" = {}


def run_level(build, level: int):
    options = ["--features", FEATURES, "--opt-level", level]
    return wast.run_scripts(build, wast.corpus("component"), KNOWN_FAILURES, *options, pattern="**/*.wast")


def cases(build):
    return [Case(f"level-{level}", lambda level=level: run_level(build, level)) for level in LEVELS]
