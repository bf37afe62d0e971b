"""The test suite of the core standard: every script, unoptimized and optimized. Counts assertions."""
import os
import pathlib
import re

from tests.support.runner import ROOT, Case, Failure, Skip, Skipped, run, text

LEVELS = [0, 2]
LIMIT_SECONDS = 1800
# Scripts that have assertions which do not hold, with the reason: "name.wast": "why".
KNOWN_FAILURES: "dict[str, str]" = {}
SUMMARY = re.compile(r"^(\S+): (\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


def corpus() -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("TENON_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "core"
    if not folder.is_dir():
        raise Skip(f"there is no {folder}; TENON_CONFORMANCE can name the folder above it")
    return folder


def run_scripts(build, level: int):
    folder = corpus()
    scripts = sorted(path.name for path in folder.glob("*.wast"))
    command = [build.tenon, "wast", "--opt-level", level, *scripts]
    done = run(command, check=False, timeout=LIMIT_SECONDS, cwd=folder, env=build.environment())
    output = text(done.stdout)
    counts = {name: tuple(map(int, numbers)) for name, *numbers in SUMMARY.findall(output)}
    if set(counts) < set(scripts):
        raise Failure(f"exit status {done.returncode}; no count for {set(scripts) - set(counts)}\n{text(done.stderr)}")
    failed = {name for name in scripts if counts[name][1]}
    if failed != set(KNOWN_FAILURES):
        held = [f"{name}: listed as a failure, but it passes" for name in set(KNOWN_FAILURES) - failed]
        lines = [line for line in output.splitlines() if "failed" not in line and "skipped: " not in line]
        raise Failure("\n".join([*held, *lines]))
    reasons = sorted(set(re.findall(r"skipped: (.*)$", output, re.MULTILINE)))
    passed, skipped = (sum(counts[name][i] for name in scripts) for i in (0, 2))
    return Skipped(passed, skipped, "\n".join(reasons)) if skipped else passed


def cases(build):
    return [Case(f"level-{level}", lambda level=level: run_scripts(build, level)) for level in LEVELS]
