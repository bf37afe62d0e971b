"""Golden tests of the command line: tests/cli/*.test, each command of a transcript counts as one."""
from tests.support import guests, transcript
from tests.support.runner import ROOT, Case, require, run, text


def says_that_it_only_runs(build):
    done = run([build.tenon, "run", guests.make("c/hello.wasm")], check=False, env=build.environment())
    require(done.returncode == 1, f"exit status {done.returncode}")
    require("no compiler is installed" in text(done.stderr), text(done.stderr))


def cases(build):
    if not build.compiles:
        return [Case("run-only", lambda: says_that_it_only_runs(build))]
    return transcript.cases(build, ROOT / "tests" / "cli")
