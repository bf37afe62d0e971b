"""Runs scripts of the standard's test data by `tenon wast` and counts assertions."""
import os
import pathlib
import re

from tests.support.runner import ROOT, Failure, Skip, Skipped, run, text

LIMIT_SECONDS = 1800
SUMMARY = re.compile(r"^(\S+): (\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


def corpus(name: str = "core") -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("TENON_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / name
    if not folder.is_dir():
        raise Skip(f"there is no {folder}; TENON_CONFORMANCE can name the folder above it")
    return folder


def run_scripts(build, folder: pathlib.Path, known_failures: "dict[str, str]", *options, pattern: str = "*.wast"):
    """The scripts of a folder that fit `pattern`. `known_failures` names those with assertions that do not hold, with the reason."""
    scripts = sorted(str(path.relative_to(folder)) for path in folder.glob(pattern))
    done = run(
        [build.tenon, "wast", *options, *scripts], check=False, timeout=LIMIT_SECONDS, cwd=folder, env=build.environment()
    )
    output = text(done.stdout)
    counts = {name: tuple(map(int, numbers)) for name, *numbers in SUMMARY.findall(output)}
    missing = set(scripts) - set(counts)
    if missing:
        raise Failure(f"exit status {done.returncode}; no count for {missing}\n{text(done.stderr)}")
    failed = {name for name in scripts if counts[name][1]}
    if failed != set(known_failures):
        held = [f"{name}: listed as a failure, but it passes" for name in set(known_failures) - failed]
        lines = [line for line in output.splitlines() if not SUMMARY.match(line) and "skipped: " not in line]
        raise Failure("\n".join([*held, *lines]))
    reasons = sorted(set(re.findall(r"skipped: (.*)$", output, re.MULTILINE)))
    passed, skipped = (sum(counts[name][i] for name in scripts) for i in (0, 2))
    return Skipped(passed, skipped, "\n".join(reasons)) if skipped else passed
