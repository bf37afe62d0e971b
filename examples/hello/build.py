#!/usr/bin/env python3
"""Builds hello.component.wasm from hello.cc: build.py [OUTPUT]."""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))
from tests.support.make_component import make_component  # noqa: E402
from tests.support.wasi_world import COMMAND  # noqa: E402


def main():
    output = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "hello.component.wasm")
    core = output.with_suffix(".core")
    flags = ["--target=wasm32-wasi", "-Wno-deprecated", "-std=c++23", "-O2", "-Wall", "-Wextra", "-fno-exceptions", "-nostdlib"]
    subprocess.run(["clang++-22", *flags, "-Wl,--no-entry", HERE / "hello.cc", "-o", core], check=True)
    output.write_bytes(make_component(core.read_bytes(), COMMAND))
    core.unlink()


main()
