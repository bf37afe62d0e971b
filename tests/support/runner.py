"""What the suites are written with: `Build` (the build under test), `Case`, and the two ways a case can end
other than by returning: `Failure` and `Skip`."""
import concurrent.futures
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import traceback
import typing

_programs_lock = threading.Lock()
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Failure(Exception):
    """The case did not hold; the text says what was expected and what was seen."""


class Skip(Exception):
    """The case cannot run on this machine; the text names what is missing."""


@dataclasses.dataclass
class Skipped:
    """What a case returns that could not run in full: how many passed, how many did not run, and why."""

    passed: int
    skipped: int
    reason: str


@dataclasses.dataclass
class Case:
    name: str
    run: typing.Callable[[], "int | Skipped | None"]  # a number, if given, counts as so many passed cases


class Build:
    """A build directory and what the suites need of it."""

    def __init__(self, preset: str, update: bool = False, program: "str | None" = None):
        self.preset = preset
        self.update = update
        self.folder = ROOT / "build" / preset
        self.tenon = pathlib.Path(program) if program else self.folder / "tenon"
        self.sanitized = preset in ("asan", "tsan")
        self.compiles = preset != "nollvm"

    def programs(self, prefix: "tuple[str, ...]" = ()) -> pathlib.Path:
        """A folder for PATH in which `tenon` is the program under test, run through the program `prefix` if given."""
        folder = self.folder / "path" / "-".join(("tenon", *prefix))
        script = f'#!/bin/sh\nexec {" ".join(prefix)} {self.tenon} "$@"\n'
        with _programs_lock:
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / "tenon").exists() or (folder / "tenon").read_text() != script:
                (folder / "tenon").write_text(script)
                (folder / "tenon").chmod(0o755)
        return folder

    def scratch(self, name: str) -> pathlib.Path:
        """An empty folder for one case, below the build directory."""
        folder = self.folder / "scratch" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def environment(self, **extra: str) -> "dict[str, str]":
        """The environment for the program under test: none of the caller's but PATH, and a cache of its own."""
        base = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(self.folder / "home"),
            "XDG_CACHE_HOME": str(self.folder / "test-cache"),
            "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:handle_segv=1:allow_user_segv_handler=1",
            "UBSAN_OPTIONS": "print_stacktrace=1",
        }
        return base | extra


def run(command, *, timeout=120, check=True, **options) -> subprocess.CompletedProcess:
    """Runs a command with captured output; with `check`, a non-zero exit is a Failure that shows the output."""
    command = [str(word) for word in command]
    options.setdefault("stdin", subprocess.DEVNULL)
    if "input" in options:
        del options["stdin"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, **options)
    except subprocess.TimeoutExpired:
        raise Failure(f"no end after {timeout} s: {' '.join(command)}")
    except FileNotFoundError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}")
    if check and done.returncode != 0:
        raise Failure(f"exit status {done.returncode}: {' '.join(command)}\n{text(done.stdout)}{text(done.stderr)}")
    return done


def text(output: "bytes | str") -> str:
    return output if isinstance(output, str) else output.decode("utf-8", "backslashreplace")


def require(condition: bool, message: str):
    if not condition:
        raise Failure(message)


def tool(*names: str) -> str:
    """The path of the first of these programs that is installed; the case is skipped when none is."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    raise Skip(f"{names[0]} is not installed")


def once(make):
    """Wraps a function of no arguments so that several cases share one call, its result or its exception."""
    lock = threading.Lock()
    outcome = []

    def get():
        with lock:
            if not outcome:
                try:
                    outcome.append((make(), None))
                except (Failure, Skip) as error:
                    outcome.append((None, error))
        result, error = outcome[0]
        if error:
            raise error
        return result

    return get


def indent(message: str) -> str:
    return "".join(f"    {line}\n" for line in message.rstrip().splitlines())


def run_suite(name: str, cases: "list[Case]", only: str = "", verbose: bool = False) -> bool:
    """Runs the cases whose name contains `only`, prints what failed and the closing line; true if none failed."""
    cases = [case for case in cases if only in case.name]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    lock = threading.Lock()

    def report(outcome: str, case: Case, message: str, count: int, seconds: float):
        with lock:
            counts[outcome] += count
            if outcome != "passed":
                print(f"{outcome.upper()} {name}/{case.name}\n{indent(message)}", end="", flush=True)
            elif verbose:
                print(f"passed {name}/{case.name} ({seconds:.1f} s)", flush=True)

    def execute(case: Case):
        start = time.monotonic()
        try:
            count = case.run()
            if isinstance(count, Skipped):
                report("skipped", case, count.reason, count.skipped, 0)
                count = count.passed
            report("passed", case, "", 1 if count is None else count, time.monotonic() - start)
        except Skip as skip:
            report("skipped", case, str(skip), 1, 0)
        except Failure as failure:
            report("failed", case, str(failure), 1, 0)
        except Exception:  # a mistake in the suite itself is a failure too
            report("failed", case, traceback.format_exc(), 1, 0)

    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(execute, cases))
    sys.stdout.flush()
    print(f"{name}: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped", flush=True)
    return counts["failed"] == 0
