#!/usr/bin/env python3
"""Checks that the folders under src/ are layers: a file includes only what its own layer or an earlier one offers.

Three more rules of the house live here, because they too are about what a file may mention: public headers include
only public headers, LLVM's headers appear only in src/compiler/llvm, and conditional compilation only in src/os, in
DCHECK, and where a public header has to know whether its user has exceptions.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Bottom up, the order of ARCHITECTURE.md.
LAYERS = [
    "base", "os", "host", "wasm", "wit", "component", "canon", "toolchain", "bindgen",
    "compiler", "runtime", "wast", "http", "wasi", "api", "cli",
]

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif)\b")
LLVM_HEADER = re.compile(r"^(llvm|llvm-c|lld|clang)/")
LLVM_FOLDER = "src/compiler/llvm/"
MAY_USE_CONDITIONALS = ("src/os/", "src/base/check.h", "include/tenon/abi/host_func.h")


def layer_of(path: str) -> "str | None":
    """The layer of a path relative to the root or to src/; None for what is outside."""
    parts = path.removeprefix("src/").split("/")
    return parts[0] if len(parts) > 1 and parts[0] in LAYERS else None


def check_include(path: str, quoted: bool, target: str) -> "str | None":
    """What is wrong with one include, if anything."""
    if LLVM_HEADER.match(target) and not path.startswith(LLVM_FOLDER):
        return f"LLVM's headers belong to {LLVM_FOLDER} alone"
    if path.startswith("include/"):
        if quoted and not target.startswith("tenon/"):
            return "a public header includes only public headers and the standard library"
        return None
    own, other = layer_of(path), layer_of(target)
    if not own or not other:
        return None
    if LAYERS.index(other) > LAYERS.index(own):
        return f"layer {own} stands below {other}"
    return None


def check_file(path: str) -> "list[str]":
    problems = []
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        if include := INCLUDE.match(line):
            problem = check_include(path, include[1] == '"', include[2])
            if problem:
                problems.append(f"{path}:{number}: includes {include[2]}: {problem}")
        elif CONDITIONAL.match(line) and not path.startswith(MAY_USE_CONDITIONALS):
            problems.append(f"{path}:{number}: conditional compilation belongs to src/os/")
    return problems


def sources() -> "list[str]":
    found = []
    for top in ("include", "src"):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in (".h", ".cc", ".def", ".S"):
                found.append(str(path.relative_to(ROOT)))
    return sorted(found)


def unknown_folders() -> "list[str]":
    return [
        f"src/{folder.name}: not a layer; name it in {pathlib.Path(__file__).name} at its place"
        for folder in sorted((ROOT / "src").iterdir())
        if folder.is_dir() and folder.name not in LAYERS
    ]


def main() -> int:
    files = sources()
    problems = unknown_folders() + [problem for path in files for problem in check_file(path)]
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    print(f"layers: {len(files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
