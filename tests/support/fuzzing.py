"""The fuzz targets of a build, and what they start from."""
import pathlib
import shutil

from tests.support import guests, wast
from tests.support.runner import ROOT, Skip, run

PREFIX = "fuzz_"
OPTIONS = ["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]
MODULES = ["mutate/numeric.wasm", "mutate/control.wasm", "mutate/tables.wasm", "mutate/vector.wasm"]
COMPONENTS = ["made/counter.wasm", "made/forward-record.wasm", "made/echo-list-variant.wasm"]
# What a target starts from: guests, and files of the standard's scripts by how their names end.
GUESTS = {"decoder": MODULES, "validator": MODULES, "round_trip": MODULES, "component_plan": COMPONENTS,
          "artifact": MODULES + COMPONENTS}  # fmt: skip
SCRIPTS = {"decoder": ".wasm", "validator": ".wasm", "round_trip": ".wasm", "text_parser": (".wat", ".wast")}
MAX_SEED = 1024  # bytes


def programs(build: pathlib.Path) -> "list[pathlib.Path]":
    return sorted(path for path in build.glob(f"**/{PREFIX}*") if path.is_file() and path.suffix == "")


def target_of(program: pathlib.Path) -> str:
    return program.name.removeprefix(PREFIX)


def script_seeds(build: pathlib.Path) -> pathlib.Path:
    """The folder with the modules of the standard's scripts; empty where there are no scripts."""
    folder = build / "script-seeds"
    if folder.is_dir():
        return folder
    try:
        scripts = sorted(wast.corpus().glob("**/*.wast"))
    except Skip:
        scripts = []
    unfinished = build / "script-seeds.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for script in scripts:
        run([build / "fuzz" / "make_seeds", unfinished, MAX_SEED, script])
    unfinished.rename(folder)
    return folder


def seed(build: pathlib.Path, target: str, corpus: pathlib.Path):
    """Puts what the target starts from into its corpus."""
    own = (ROOT / "fuzz" / "seeds" / target).glob("*")
    made = [guests.make(name) for name in GUESTS.get(target, [])]
    endings = SCRIPTS.get(target)
    scripts = [path for path in script_seeds(build).glob("*") if path.name.endswith(endings)] if endings else []
    for path in (*own, *made, *scripts):
        shutil.copy(path, corpus / path.name)
