"""Unit tests: every *_test program of the build. Each doctest case counts as one."""
import re

from tests.support.runner import Case, Failure, run, text

SUMMARY = re.compile(r"test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed")


def run_program(build, program):
    done = run([program, "--no-colors=true"], check=False, timeout=600, env=build.environment())
    summary = SUMMARY.search(text(done.stdout))
    if done.returncode != 0 or not summary:
        raise Failure(f"exit status {done.returncode}\n{text(done.stdout)}{text(done.stderr)}")
    return int(summary.group(2))


def cases(build):
    programs = sorted(path for path in build.folder.glob("src/**/*_test") if path.is_file())
    return [Case(path.name, lambda path=path: run_program(build, path)) for path in programs]
