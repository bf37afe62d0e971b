#!/usr/bin/env python3
"""Runs the fuzz targets of build/fuzz one after the other, each for a while: run.py [--seconds N] [TARGET...].

A target keeps what it learned in build/fuzz/corpus/TARGET; what made it fail is left in build/fuzz/crashes and
belongs into a test once it is mended.
"""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.support import fuzzing  # noqa: E402

BUILD = ROOT / "build" / "fuzz"
MAX_INPUT = 1 << 16  # bytes


def run(program: pathlib.Path, seconds: int) -> bool:
    target = fuzzing.target_of(program)
    corpus = BUILD / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    (BUILD / "crashes").mkdir(exist_ok=True)
    fuzzing.seed(BUILD, target, corpus)
    options = [f"-max_total_time={seconds}", *fuzzing.OPTIONS, f"-max_len={MAX_INPUT}"]
    print(f"== {target}, {seconds} s", flush=True)
    crashes = f"-artifact_prefix={BUILD / 'crashes'}/{target}-"
    return subprocess.run([program, *options, crashes, corpus], check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    arguments = parser.parse_args()
    programs = fuzzing.programs(BUILD)
    chosen = [p for p in programs if not arguments.targets or fuzzing.target_of(p) in arguments.targets]
    if not chosen:
        print(f"no such target; there are {' '.join(map(fuzzing.target_of, programs))}", file=sys.stderr)
        return 2
    failed = [program.name for program in chosen if not run(program, arguments.seconds)]
    print(f"failed: {' '.join(failed)}" if failed else f"{len(chosen)} targets, none failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
