"""The programs of `compute`: what each is made of. Kernels and some programs are in this repository; the others are
small drivers (bench/programs) around well-known libraries in C, whose sources are downloaded once, as the packages of
crates.io carry them, and checked by their hash. Nothing of them is kept in the repository."""
import dataclasses
import hashlib
import io
import pathlib
import tarfile
import urllib.request

from bench.measure import OUTPUT
from tests.support import guests
from tests.support.runner import ROOT, Failure, Skip, tool

KERNELS = ROOT / "bench" / "kernels"
PROGRAMS = ROOT / "bench" / "programs"
DOWNLOADS = ROOT / "build" / "tools" / "sources"

WASM_FLAGS = ["--target=wasm32-wasi", "-Wno-deprecated", "--no-wasm-opt", "-msimd128"]
# A wasm stack as large as the native one's usual share; Lua and SQLite recurse.
WASM_LINK = ["-Wl,-z,stack-size=1048576"]


@dataclasses.dataclass(frozen=True)
class Source:
    """A package of crates.io with the C sources of a library."""

    package: str
    sha256: str
    files: "tuple[str, ...]"  # globs below the package; those in `without` are left out
    includes: "tuple[str, ...]"
    flags: "tuple[str, ...]" = ()
    without: "tuple[str, ...]" = ()


SOURCES = {
    "blake3": Source(
        "blake3-1.5.5",
        "b8ee0c1824c4dea5b5f81736aff91bae041d2c07ee1192bec91054e10e3e601e",
        ("c/blake3.c", "c/blake3_dispatch.c", "c/blake3_portable.c"),
        ("c",),
        ("-DBLAKE3_NO_SSE2", "-DBLAKE3_NO_SSE41", "-DBLAKE3_NO_AVX2", "-DBLAKE3_NO_AVX512"),
    ),
    "json": Source(
        "yyjson-sys-0.1.0",
        "4ed7a5810c650d227cae9d2cb1c73cf0d6d5901181cb2a53dc07007dfcead82c",
        ("yyjson/src/yyjson.c",),
        ("yyjson/src",),
    ),
    "lua": Source(
        "lua-src-547.0.0",
        "1edaf29e3517b49b8b746701e5648ccb5785cde1c119062cbabbc5d5cd115e42",
        ("lua-5.4.7/*.c",),
        ("lua-5.4.7",),
        # An error ends the program: the C library for WebAssembly has no setjmp and signals. Nothing is random.
        ("-DLUAI_THROW(L,c)=abort()", "-DLUAI_TRY(L,c,a)=a", "-Dluai_jmpbuf=int", "-Dl_signalT=int", "-Dl_randomizePivot()=7", "-Dluai_makeseed(L)=1"),
        ("loslib.c", "liolib.c", "lua.c", "luac.c", "linit.c", "onelua.c", "ltests.c"),
    ),
    "lz4": Source(
        "lz4-sys-1.11.1+lz4-1.10.0",
        "6bd8c0d6c6ed0cd30b3652886bb8711dc4bb01d637a68105a3d5158039b418e6",
        ("liblz4/lib/lz4.c",),
        ("liblz4/lib",),
    ),
    "regex": Source(
        "pcre2-sys-0.2.10",
        "18b9073c1a2549bd409bf4a32c94d903bb1a09bf845bc306ae148897fa0760a4",
        ("upstream/src/pcre2_*.c",),
        ("upstream/src", "upstream/include"),
        ("-DPCRE2_CODE_UNIT_WIDTH=8", "-DHAVE_CONFIG_H=0", "-DPCRE2_STATIC", "-DSUPPORT_UNICODE"),
        ("pcre2_jit_match.c", "pcre2_jit_misc.c", "pcre2_ucptables.c"),
    ),
    "sqlite": Source(
        "libsqlite3-sys-0.30.1",
        "2e99fb7a497b1e3339bc746195567ed8d3e24945ecd636e3619d20b9de9e9149",
        ("sqlite3/sqlite3.c",),
        ("sqlite3",),
        ("-DSQLITE_OS_OTHER", "-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION", "-DSQLITE_DEFAULT_MEMSTATUS=0"),
    ),
    "zlib": Source(
        "libz-sys-1.1.20",
        "d2d16453e800a8cf6dd2fc3eb4bc99b786a9b90c663b8559a5b1a041bf89e472",
        ("src/zlib/*.c",),
        ("src/zlib",),
        ("-DHAVE_UNISTD_H",),
        ("gzlib.c", "gzread.c", "gzwrite.c", "gzclose.c"),
    ),
    "zstd": Source(
        "zstd-sys-2.0.13+zstd.1.5.6",
        "38ff0f21cfee8f97d94cef41359e0c89aa6113028ab0291aa8ca0038995a95aa",
        ("zstd/lib/common/*.c", "zstd/lib/compress/*.c", "zstd/lib/decompress/*.c"),
        ("zstd/lib",),
        ("-DZSTD_DISABLE_ASM", "-DZSTD_NO_INTRINSICS", "-DXXH_NAMESPACE=ZSTD_"),
    ),
}


def fetch(source: Source) -> pathlib.Path:
    """The folder of an unpacked package, which is downloaded if it is not there."""
    folder = DOWNLOADS / source.package
    if folder.is_dir():
        return folder
    name = source.package.partition("+")[0].rpartition("-")[0]
    url = f"https://static.crates.io/crates/{name}/{source.package}.crate"
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            content = answer.read()
    except OSError as problem:
        raise Skip(f"cannot download {url}: {problem}")
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise Failure(f"{url} is not what it was: its SHA-256 is not {source.sha256}")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(DOWNLOADS, filter="data")
    return folder


def command_of(name: str, driver: pathlib.Path) -> "tuple[list, list[pathlib.Path]]":
    """The compiler's arguments but for the target, and the files they depend on."""
    arguments: list = ["-O2", "-w", "-I", KERNELS, driver]
    files = [driver, *KERNELS.glob("*.h"), *PROGRAMS.glob("*.h")]
    if source := SOURCES.get(name):
        folder = fetch(source)
        found = [file for pattern in source.files for file in sorted(folder.glob(pattern))]
        files_in_use = [file for file in found if file.name not in source.without]
        arguments += [*source.flags, *files_in_use]
        for include in source.includes:
            arguments += ["-I", folder / include]
        files += files_in_use
    return arguments, files


def build(driver: pathlib.Path) -> "dict[str, pathlib.Path]":
    """A program as native code and as a module, by one compiler with the same flags."""
    name = driver.stem
    compiler = tool("clang++-22" if driver.suffix == ".cc" else "clang-22")
    arguments, files = command_of(name, driver)
    if driver.suffix == ".cc":
        arguments = ["-fno-exceptions", "-fno-rtti", *arguments]
    native, wasm = OUTPUT / name, OUTPUT / f"{name}.wasm"
    guests.build(native, files, [compiler, *arguments, "-o", native, "-lm"])
    target = [*WASM_FLAGS, *WASM_LINK, "-I", PROGRAMS / "include"]
    guests.build(wasm, files, [compiler, *target, *arguments, "-o", wasm])
    return {"native": native, "wasm": wasm}


def drivers() -> "list[pathlib.Path]":
    kernels = sorted(KERNELS.glob("*.c"))
    return kernels + sorted([*PROGRAMS.glob("*.c"), *PROGRAMS.glob("*.cc")])
