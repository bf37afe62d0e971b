"""Golden tests of command lines. A *.test file is a transcript, explained by tests/cli/readme.test:

    # A comment.
    needs: c/hello.wasm

    $ tenon run hello.wasm one two
    | a line of standard output
    ! a line of standard error
    ? 1

Commands run in bash, one after the other in one scratch folder, where what is named after `needs:` lies ready.
"""
import dataclasses
import os
import pathlib
import re

from tests.support import guests
from tests.support.runner import Case, Failure, Skip, run, text

LIMIT_SECONDS = 600


@dataclasses.dataclass
class Step:
    line: int  # of the command in the file, from 0
    end: int  # the line after the last one expected
    command: str
    expected: "list[str]"


@dataclasses.dataclass
class Transcript:
    path: pathlib.Path
    lines: "list[str]"
    needs: "list[str]"
    only: "list[str]"
    steps: "list[Step]"


def parse(path: pathlib.Path) -> Transcript:
    lines = path.read_text().splitlines()
    parsed = Transcript(path, lines, [], [], [])
    for at, line in enumerate(lines):
        if line.startswith("needs: "):
            parsed.needs += line.removeprefix("needs: ").split()
        elif line.startswith("only: "):
            parsed.only += line.removeprefix("only: ").split()
        elif line.startswith("$ "):
            parsed.steps.append(Step(at, at + 1, line.removeprefix("$ "), []))
        elif line[:1] in ("|", "!", "?") and parsed.steps:
            parsed.steps[-1].expected.append(line)
            parsed.steps[-1].end = at + 1
        elif line and not line.startswith("#"):
            raise Failure(f"{path}:{at + 1}: a line begins with `#`, `needs: `, `only: `, `$ `, `|`, `!` or `?`")
    return parsed


def marked(output: bytes, mark: str) -> "list[str]":
    return [f"{mark} {line}".rstrip() for line in text(output).splitlines()]


def pattern(expected: str) -> "re.Pattern":
    """`[..]` stands for any text within a line."""
    return re.compile(".*".join(re.escape(part) for part in expected.split("[..]")))


def matches(expected: "list[str]", actual: "list[str]") -> bool:
    """Line by line; a line `| ...` or `! ...` stands for any number of lines."""
    if not expected:
        return not actual
    first, rest = expected[0], expected[1:]
    if first in ("| ...", "! ..."):
        same = next((n for n, line in enumerate(actual) if line[0] != first[0]), len(actual))
        return any(matches(rest, actual[skipped:]) for skipped in range(same + 1))
    return bool(actual) and pattern(first).fullmatch(actual[0]) is not None and matches(rest, actual[1:])


def execute(build, step: Step, folder: pathlib.Path, prefix: "tuple[str, ...]") -> "list[str]":
    helpers = build.folder / "programs"
    path = f"{build.programs(prefix)}:{helpers}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    done = run(
        ["bash", "-c", step.command],
        check=False,
        cwd=folder,
        timeout=LIMIT_SECONDS,
        env=build.environment(PATH=path),
    )
    status = [f"? {done.returncode}"] if done.returncode else []
    return marked(done.stdout, "|") + marked(done.stderr, "!") + status


def difference(parsed: Transcript, step: Step, actual: "list[str]") -> str:
    expected = "\n".join(step.expected) or "(nothing)"
    seen = "\n".join(actual) or "(nothing)"
    return f"{parsed.path}:{step.line + 1}: $ {step.command}\nexpected\n{expected}\nfound\n{seen}"


def rewrite(parsed: Transcript, outcomes: "dict[int, list[str]]"):
    lines, at = [], 0
    for step in parsed.steps:
        lines += parsed.lines[at:step.line + 1] + outcomes.get(step.line, step.expected)
        at = step.end
    parsed.path.write_text("\n".join(lines + parsed.lines[at:]) + "\n")


def prepare(build, parsed: Transcript, prefix: "tuple[str, ...]") -> pathlib.Path:
    folder = build.scratch("-".join([*parsed.path.with_suffix("").parts[-3:], *prefix]))
    for needed in parsed.needs:
        made = guests.make(needed)
        (folder / made.name).symlink_to(made)
    return folder


def check(build, path: pathlib.Path, prefix: "tuple[str, ...]") -> int:
    parsed = parse(path)
    if parsed.only and build.preset not in parsed.only:
        raise Skip(f"runs on {' and '.join(parsed.only)} only")
    folder = prepare(build, parsed, prefix)
    outcomes = {}
    for step in parsed.steps:
        actual = execute(build, step, folder, prefix)
        if not matches(step.expected, actual):
            outcomes[step.line] = actual
            if not build.update:
                raise Failure(difference(parsed, step, actual))
    if outcomes:
        rewrite(parsed, outcomes)
    return len(parsed.steps)


def cases(build, folder: pathlib.Path, prefix: "tuple[str, ...]" = ()) -> "list[Case]":
    """A case for each transcript below a folder; with `prefix`, tenon is run through that program."""
    return [
        Case("-".join([str(path.relative_to(folder).with_suffix("")), *prefix]), lambda path=path: check(build, path, prefix))
        for path in sorted(folder.glob("**/*.test"))
    ]
