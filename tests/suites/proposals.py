"""The test suites of proposals that are behind a feature, unoptimized and optimized. Counts assertions."""
from tests.support import wast
from tests.support.runner import Case

LEVELS = [0, 2]
# Folder, and the features that its scripts are written for.
PROPOSALS = {
    "wide-arithmetic": "wide-arithmetic",
    "custom-page-sizes": "custom-page-sizes",
    # Written before there were several memories and tables, which it expects to be refused.
    "threads": "threads,-multi-memory,-reference-types",
}
KNOWN_FAILURES: "dict[str, dict[str, str]]" = {}


def run_proposal(build, name: str, level: int):
    folder = wast.corpus() / "proposals" / name
    known = KNOWN_FAILURES.get(name, {})
    return wast.run_scripts(build, folder, known, "--features", PROPOSALS[name], "--opt-level", level)


def cases(build):
    return [
        Case(f"{name}-{level}", lambda name=name, level=level: run_proposal(build, name, level))
        for name in PROPOSALS
        for level in LEVELS
    ]
