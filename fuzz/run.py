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
from tests.support import guests  # noqa: E402

BUILD = ROOT / "build" / "fuzz"
PREFIX = "fuzz_"
SEEDS = {"wasm": ["mutate/numeric.wasm", "mutate/control.wasm", "mutate/tables.wasm", "mutate/vector.wasm"],
         "component": ["made/counter.wasm", "made/forward-record.wasm", "made/echo-list-variant.wasm"]}  # fmt: skip
SEEDS["artifact"] = SEEDS["wasm"] + SEEDS["component"]
MAX_INPUT = 1 << 16  # bytes


def run(program: pathlib.Path, seconds: int) -> bool:
    target = program.name.removeprefix(PREFIX)
    corpus = BUILD / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    (BUILD / "crashes").mkdir(exist_ok=True)
    for text in (ROOT / "fuzz" / "seeds" / target).glob("*"):
        (corpus / text.name).write_bytes(text.read_bytes())
    for seed in SEEDS.get(target.partition("_")[0], []):
        made = guests.make(seed)
        (corpus / made.name).write_bytes(made.read_bytes())
    options = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
               f"-max_len={MAX_INPUT}"]  # fmt: skip
    print(f"== {target}, {seconds} s", flush=True)
    crashes = f"-artifact_prefix={BUILD / 'crashes'}/{target}-"
    return subprocess.run([program, *options, crashes, corpus], check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    arguments = parser.parse_args()
    programs = sorted(path for path in BUILD.glob(f"**/{PREFIX}*") if path.is_file() and path.suffix == "")
    chosen = [p for p in programs if not arguments.targets or p.name.removeprefix(PREFIX) in arguments.targets]
    if not chosen:
        print(f"no such target; there are {' '.join(p.name.removeprefix(PREFIX) for p in programs)}", file=sys.stderr)
        return 2
    failed = [program.name for program in chosen if not run(program, arguments.seconds)]
    print(f"failed: {' '.join(failed)}" if failed else f"{len(chosen)} targets, none failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
