"""Makes the guests that tests run, from the sources in tests/guests. A guest is named by language and file:

    c/hello.wasm             tests/guests/c/hello.c, a preview 1 module      (cpp/*: C++; needs Debian's packages alone)
    wasi/paths.wasm          tests/wasi/paths.c, in the same way
    mutate/numeric.wasm      tests/mutate/numeric.c, without a libc      (cli/*: tests/cli)
    c/hello.component.wasm   the same module made a component with the standard adapter      (npm: jco)
    rust/hello.wasm          tests/guests/rust/hello.rs with rustc for wasm32-wasip1
    rust/hello.component.wasm    the same with wasm32-wasip2
    rust/greet.component.wasm    tests/guests/rust/greet/, a cargo package
    go/hello.wasm            tests/guests/go/hello.go with GOOS=wasip1; go/NAME_lib.go makes a reactor
    js/greet.component.wasm      tests/guests/js/greet.js and .wit       (npm: componentize-js)
    python/greet.component.wasm  tests/guests/python/greet.py and .wit   (pip: componentize-py)
    made/NAME.wasm           written by tests/support/made.py

What is made stays in build/guests, keyed by a hash of its sources and commands; tools from npm and pip are installed
once into build/tools. A toolchain that is absent skips the cases that need it.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import threading

from tests.support import made
from tests.support.runner import ROOT, Failure, Skip, once, run, tool

SOURCES = ROOT / "tests" / "guests"
C_FOLDERS = {"c": SOURCES / "c", "cpp": SOURCES / "cpp", "wasi": ROOT / "tests" / "wasi"}
OUTPUT = ROOT / "build" / "guests"
TOOLS = ROOT / "build" / "tools"
INSTALL_SECONDS = 900
JCO = "@bytecodealliance/jco@1.10.2"
COMPONENTIZE_JS = "@bytecodealliance/componentize-js@0.23.0"
COMPONENTIZE_JS_NODE = 20
COMPONENTIZE_PY = "componentize-py==0.25.1"

# Debian keeps the headers of wasi-libc under the older name of the target.
C_FLAGS = ["--target=wasm32-wasi", "-Wno-deprecated", "--no-wasm-opt", "-O2", "-Wall", "-Wextra", "-msimd128"]
# Debian's libc++ for wasm is built without exceptions and threads.
CXX_FLAGS = [*C_FLAGS, "-std=c++23", "-fno-exceptions"]
WASI_EMULATION = ["-D_WASI_EMULATED_SIGNAL", "-lwasi-emulated-signal"]

_locks: "dict[str, threading.Lock]" = {}
_locks_guard = threading.Lock()


def make(name: str) -> pathlib.Path:
    """The path of a guest, which is built if it is not there or its sources changed."""
    with _locks_guard:
        lock = _locks.setdefault(name, threading.Lock())
    with lock:
        language, _, file = name.partition("/")
        maker = MAKERS.get(language)
        if not maker:
            raise Failure(f"no guest named `{name}`")
        (OUTPUT / language).mkdir(parents=True, exist_ok=True)
        maker(file, OUTPUT / language / file)
        return OUTPUT / language / file


def build(output: pathlib.Path, sources: "list[pathlib.Path]", command: list, **options):
    """Runs the command that writes `output`, unless output is there from the same sources and command."""
    digest = hashlib.sha256(repr(command).encode())
    for source in sources:
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.is_file() and "target" not in file.parts:
                digest.update(file.read_bytes())
    stamp = output.with_name(output.name + ".key")
    key = digest.hexdigest()
    if output.exists() and stamp.exists() and stamp.read_text() == key:
        return
    output.unlink(missing_ok=True)
    run(command, timeout=INSTALL_SECONDS, **options)
    if not output.exists():
        raise Failure(f"{output.name} was not written by {command[0]}")
    stamp.write_text(key)


def stem_of(file: str, suffix: str) -> "str | None":
    return file.removesuffix(suffix) if file.endswith(suffix) else None


def make_c(file: str, output: pathlib.Path, language: str = "c"):
    if stem := stem_of(file, ".component.wasm"):
        core = make(f"{language}/{stem}.wasm")
        build(output, [core], [jco(), "new", core, "--wasi-command", "-o", output])
        return
    stem = stem_of(file, ".wasm")
    source = C_FOLDERS[language] / f"{stem}.{'cc' if language == 'cpp' else 'c'}"
    compiler, flags = ("clang++-22", CXX_FLAGS) if language == "cpp" else ("clang-22", C_FLAGS)
    build(output, [source], [tool(compiler), *flags, source, "-o", output, *WASI_EMULATION])


def make_cpp(file: str, output: pathlib.Path):
    make_c(file, output, "cpp")


def make_wasi(file: str, output: pathlib.Path):
    make_c(file, output, "wasi")


def make_bare(file: str, output: pathlib.Path):
    source = ROOT / "tests" / output.parent.name / f"{stem_of(file, '.wasm')}.c"
    bare = ["-nostdlib", "-mtail-call", "-Wl,--no-entry,--strip-all,--allow-undefined"]
    build(output, [source], [tool("clang-22"), *C_FLAGS, *bare, source, "-o", output])


def make_rust(file: str, output: pathlib.Path):
    if stem := stem_of(file, ".component.wasm"):
        package = SOURCES / "rust" / stem
        if package.is_dir():
            rust_target("wasm32-wasip2")
            target = OUTPUT / "rust" / f"{stem}.target"
            cargo = [tool("cargo"), "build", "--release", "--quiet", "--target", "wasm32-wasip2"]
            copy = f'"$@" && cp {target}/wasm32-wasip2/release/{stem}.wasm {output}'
            command = ["bash", "-c", copy, "bash", *cargo, "--manifest-path", package / "Cargo.toml"]
            build(output, [package], command, env=os.environ | {"CARGO_TARGET_DIR": str(target)})
            return
        target = "wasm32-wasip2"
    else:
        stem, target = stem_of(file, ".wasm"), "wasm32-wasip1"
    source = SOURCES / "rust" / f"{stem}.rs"
    rust_target(target)
    build(output, [source], [tool("rustc"), "-O", "--target", target, source, "-o", output])


_rust_targets = threading.Lock()


def rust_target(target: str):
    """Makes sure that the standard library for a target is there."""
    with _rust_targets:
        folder = subprocess.run(
            [tool("rustc"), "--print", "target-libdir", "--target", target], capture_output=True, text=True, check=False
        )
        if folder.returncode == 0 and pathlib.Path(folder.stdout.strip()).is_dir():
            return
        added = subprocess.run([tool("rustup"), "target", "add", target], capture_output=True, text=True, check=False)
        if added.returncode != 0:
            raise Skip(f"Rust's target {target} is not installed")


def make_go(file: str, output: pathlib.Path):
    stem = stem_of(file, ".wasm")
    source = SOURCES / "go" / f"{stem}.go"
    mode = ["-buildmode=c-shared"] if stem.endswith("_lib") else []
    environment = os.environ | {"GOOS": "wasip1", "GOARCH": "wasm", "GO111MODULE": "off"}
    build(output, [source], [tool("go"), "build", *mode, "-o", output, source], env=environment)


def make_js(file: str, output: pathlib.Path):
    stem = stem_of(file, ".component.wasm")
    script = SOURCES / "js" / "componentize.mjs"
    sources = [script, SOURCES / "js" / f"{stem}.js", SOURCES / "wit" / f"{stem}.wit"]
    if node_version() < COMPONENTIZE_JS_NODE:
        raise Skip(f"componentize-js needs Node {COMPONENTIZE_JS_NODE} or newer")
    package = npm(COMPONENTIZE_JS) / "@bytecodealliance" / "componentize-js"
    build(output, sources, [tool("node"), script, package, *sources[1:], output])


def make_python(file: str, output: pathlib.Path):
    stem = stem_of(file, ".component.wasm")
    wit = SOURCES / "wit" / f"{stem}.wit"
    command = [componentize_py(), "-d", wit, "-w", stem, "componentize", stem, "-o", output]
    build(output, [SOURCES / "python" / f"{stem}.py", wit], command, cwd=SOURCES / "python")


def make_made(file: str, output: pathlib.Path):
    output.write_bytes(made.write(stem_of(file, ".wasm")))


MAKERS = {
    "c": make_c,
    "cpp": make_cpp,
    "wasi": make_wasi,
    "mutate": make_bare,
    "cli": make_bare,
    "rust": make_rust,
    "go": make_go,
    "js": make_js,
    "python": make_python,
    "made": make_made,
}

_npm_lock = threading.Lock()


def npm(package: str) -> pathlib.Path:
    """The node_modules folder with a package from npm, which is installed on first use."""
    folder = TOOLS / "npm" / package.rpartition("/")[2]
    with _npm_lock:
        if not (folder / "done").exists():
            command = [tool("npm"), "install", "--no-audit", "--no-fund", "--silent", "--fetch-retries=1", "--prefix", folder, package]
            folder.mkdir(parents=True, exist_ok=True)
            done = run(command, check=False, timeout=INSTALL_SECONDS)
            if done.returncode != 0:
                raise Skip(f"npm cannot install {package}")
            (folder / "done").touch()
    return folder / "node_modules"


@once
def node_version() -> int:
    """The major version."""
    return int(run([tool("node"), "--version"]).stdout.decode().lstrip("v").partition(".")[0])


@once
def jco() -> pathlib.Path:
    tool("node")
    return npm(JCO) / ".bin" / "jco"


@once
def componentize_py() -> pathlib.Path:
    folder = TOOLS / "componentize-py"
    program = folder / "bin" / "componentize-py"
    if not program.exists():
        shutil.rmtree(folder, ignore_errors=True)
        made_environment = run([tool("python3"), "-m", "venv", folder], check=False)
        pip = [folder / "bin" / "pip", "install", "--quiet", COMPONENTIZE_PY]
        if made_environment.returncode != 0 or run(pip, check=False, timeout=INSTALL_SECONDS).returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise Skip("pip cannot install componentize-py")
    return program
