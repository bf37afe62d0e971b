"""Each condition of the Canonical ABI that traps has a test that meets it: tests/traps/conditions.txt names them, and the scripts
beside it have those that the suites `canon` and `unit` do not. Counts assertions, and prints how many conditions are tested."""
import re

from tests.support import wast
from tests.support.runner import ROOT, Case, Failure

FOLDER = ROOT / "tests" / "traps"
LEVELS = [0, 2]
MARK = re.compile(r"^;; trap: (\S+)", re.MULTILINE)
ENTRY = re.compile(r"(\S+)(?:\s+= (canon|unit|never:) (.+))?")


def entries() -> "dict[str, tuple[str, str]]":
    """By condition: the kind of test that it has (empty: a script), and that test's name."""
    table = {}
    for line in (FOLDER / "conditions.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        entry = ENTRY.fullmatch(line)
        if not entry or entry[1] in table:
            raise Failure(f"conditions.txt: wrong or there twice: {line}")
        table[entry[1]] = (entry[2] or "", entry[3] or "")
    return table


def tests_in_scripts() -> "set[str]":
    tested = set()
    for script in sorted(FOLDER.glob("*.wast")):
        text = script.read_text()
        marks = list(MARK.finditer(text))
        for mark, following in zip(marks, [*marks[1:], None]):
            part = text[mark.end() : following.start() if following else None]
            if part.count("(assert_trap ") != 1:
                raise Failure(f"{script.name}: not one `assert_trap` behind `{mark[0]}`")
            tested.add(mark[1])
    return tested


def check_conditions():
    table = entries()
    tests = {
        "": tests_in_scripts(),
        "canon": set(re.findall(r"TRAP\((\w+)\)", (ROOT / "tests/canon/traps.def").read_text())),
        "unit": {
            name for path in ROOT.glob("src/**/*_test.cc") for name in re.findall(r'TEST_CASE\("(.*)"\)', path.read_text())
        },
    }
    unreachable = [condition for condition, (kind, _) in table.items() if kind == "never:"]
    untested = [
        condition for condition, (kind, name) in table.items() if kind != "never:" and (name or condition) not in tests[kind]
    ]
    unknown = tests[""] - {condition for condition, (kind, _) in table.items() if kind == ""}
    tested = len(table) - len(unreachable) - len(untested)
    print(
        f"{tested} of {len(table)} trap conditions have a negative test, "
        f"{len(unreachable)} cannot be reached: {' '.join(unreachable)}",
        flush=True,
    )
    if untested or unknown:
        raise Failure(f"without a test: {' '.join(untested)}\nnot in the table: {' '.join(sorted(unknown))}")


def run_level(build, level: int):
    return wast.run_scripts(build, FOLDER, {}, "--opt-level", level)


def cases(build):
    levels = [Case(f"level-{level}", lambda level=level: run_level(build, level)) for level in LEVELS]
    return [Case("conditions", check_conditions), *levels]
