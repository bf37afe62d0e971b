"""The fuzz targets for modules, components and their text, each for a number of runs that follow from one seed. Needs the preset
`fuzz`: `./dev test fuzz --preset fuzz`."""
import os
import threading

from tests.support import fuzzing
from tests.support.runner import Case, Failure, Skip, run, text

TARGETS = ["text_parser", "round_trip", "decoder", "validator", "component_text", "component_plan"]
RUNS = int(os.environ.get("TENON_FUZZ_RUNS", 1_000_000))
MAX_INPUT = 1024  # bytes
LIMIT_SECONDS = 3600
_seeds_lock = threading.Lock()


def fuzz(build, target: str):
    program = build.folder / "fuzz" / f"{fuzzing.PREFIX}{target}"
    if not program.exists():
        raise Skip("this build has no fuzz targets; the preset `fuzz` has")
    corpus = build.scratch(f"fuzz-{target}")
    with _seeds_lock:
        fuzzing.seed(build.folder, target, corpus)
    crashes = build.folder / "crashes"
    crashes.mkdir(exist_ok=True)
    command = [program, f"-runs={RUNS}", "-seed=1", f"-max_len={MAX_INPUT}", *fuzzing.OPTIONS]
    done = run([*command, f"-artifact_prefix={crashes}/{target}-", corpus], check=False, timeout=LIMIT_SECONDS,
               env=build.environment())  # fmt: skip
    if done.returncode != 0:
        raise Failure(f"exit status {done.returncode}\n{text(done.stderr)[-4000:]}")


def cases(build):
    return [Case(target, lambda target=target: fuzz(build, target)) for target in TARGETS]
