"""Programs in several languages: tests/guests/**/*.test, each command of a transcript counts as one."""
from tests.support import transcript
from tests.support.runner import ROOT


def cases(build):
    return transcript.cases(build, ROOT / "tests" / "guests")
