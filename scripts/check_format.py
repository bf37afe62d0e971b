#!/usr/bin/env python3
"""Checks that C and C++ files are as clang-format leaves them; `--fix [FILE...]` rewrites them instead."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPS = ("include", "src", "tests", "bench", "fuzz", "examples")
FORMATTER = "clang-format-22"


def sources() -> "list[str]":
    return sorted(
        str(path.relative_to(ROOT))
        for top in TOPS
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".h", ".cc", ".cpp", ".c") and "node_modules" not in path.parts
    )


def main() -> int:
    arguments = sys.argv[1:]
    fix = "--fix" in arguments
    files = [argument for argument in arguments if argument != "--fix"] or sources()
    mode = ["-i"] if fix else ["--dry-run", "--Werror"]
    done = subprocess.run([FORMATTER, *mode, *files], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
    for path in wrong:
        print(f"{path}: not formatted; run scripts/check_format.py --fix", file=sys.stderr)
    print(f"format: {len(files)} files, {len(wrong)} problems")
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
