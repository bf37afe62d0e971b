#!/usr/bin/env python3
"""Runs test suites and prints one line per suite: `NAME: N passed, N failed, N skipped`.

A suite is a file in tests/suites with a function `cases(build)` that returns its cases. Cases run on as many threads
as the machine has processors; what a failed case has to say is printed as it happens, what was skipped is
named with its reason. The exit status is 1 if any case failed.
"""
import argparse
import importlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from tests.support import runner  # noqa: E402

SUITES = [
    "unit", "wasi", "cli", "guests", "mutate", "canon", "traps", "components", "core",
    "proposals", "component", "differential", "install", "fuzz"
]  # fmt: skip


# A suite that needs a build of its own, and is run only by name.
BY_NAME = ["fuzz"]
# What a build without a compiler can be asked.
RUN_ONLY_SUITES = ["unit", "cli"]


def no_compiler():
    raise runner.Skip("this build has no compiler")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {' '.join(SUITES)} (default: all)")
    parser.add_argument("--preset", default="release", help="the build to test, under build/ (default: release)")
    parser.add_argument("--filter", default="", help="run only cases whose name contains this")
    parser.add_argument("--update", action="store_true", help="rewrite the expected output of golden tests")
    parser.add_argument("--program", help="test this program instead, which takes the same flags (Wasmtime, to compare)")
    parser.add_argument("--verbose", action="store_true", help="name the cases that passed, too")
    arguments = parser.parse_args()
    for suite in arguments.suites:
        if suite not in SUITES:
            parser.error(f"no suite named `{suite}`; there are {' '.join(SUITES)}")
    return arguments


def main():
    arguments = parse_arguments()
    build = runner.Build(arguments.preset, arguments.update, arguments.program)
    failed = False
    for name in arguments.suites or [name for name in SUITES if name not in BY_NAME]:
        suite = importlib.import_module(f"tests.suites.{name}")
        cases = suite.cases(build) if build.compiles or name in RUN_ONLY_SUITES else [runner.Case("all", no_compiler)]
        failed |= not runner.run_suite(name, cases, arguments.filter, arguments.verbose)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
