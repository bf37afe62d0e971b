"""What WASI grants and what it denies: tests/wasi/*.test, once as the kernel is and once without openat2."""
from tests.support import transcript
from tests.support.runner import ROOT


def cases(build):
    folder = ROOT / "tests" / "wasi"
    return transcript.cases(build, folder) + transcript.cases(build, folder, ("no_openat2",))
