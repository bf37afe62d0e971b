"""Golden tests of the command line: tests/cli/*.test, each command of a transcript counts as one."""
from tests.support import transcript
from tests.support.runner import ROOT


def cases(build):
    return transcript.cases(build, ROOT / "tests" / "cli")
