#!/usr/bin/env python3
"""Checks that files and functions stay small, and prints the largest of each.

A file has at most 1,000 lines (tables, *.def, are exempt). A function has at most 80, unless it is one flat switch or
stands in EXEMPT with the reason. Functions are found by their braces: the code is formatted by clang-format, so one
begins at a line that ends in `{` outside any other function and ends at the line where that brace closes.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_FILE_LINES = 1000
MAX_FUNCTION_LINES = 80
SHOWN = 10

# "path: function" -> why it is longer.
EXEMPT: "dict[str, str]" = {}

LITERAL = re.compile(r'R"(\w*)\((?s:.*?)\)\1"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)+\'|//[^\n]*|/\*(?s:.*?)\*/')
NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|union|enum|extern)\b|=\s*$|^\s*(TEST_CASE|TEST_SUITE)")
NAME = re.compile(r"([~\w:]+|operator[^(]+)\s*\(")


def blank(match: "re.Match") -> str:
    return re.sub(r"[^\n]", " ", match[0])


def head_of(lines: "list[str]", at: int) -> str:
    """The text of the declaration that opens the brace at the end of line `at`: back to the last `;`, brace or label."""
    head = lines[at]
    for line in reversed(lines[max(0, at - 12):at]):
        if not line.strip() or line.rstrip()[-1] in ";{}:":
            break
        head = line + " " + head
    return head


def is_flat_switch(body: "list[str]") -> bool:
    """True for a function that is little more than one switch: most of its lines are cases one level in."""
    cases = sum(1 for line in body if re.match(r"\s*(case\b.*|default\s*):", line))
    return any(re.match(r"\s*switch\b", line) for line in body) and cases * 4 >= len(body)


def functions(source: str) -> "list[tuple[str, int, int]]":
    """(name, first line, number of lines) of each function of a file; lambdas count with the function around them."""
    lines = LITERAL.sub(blank, source).splitlines()
    found, depth, inside = [], 0, None
    for at, line in enumerate(lines):
        if inside is None and line.rstrip().endswith("{"):
            head = head_of(lines, at).rstrip()[:-1]
            if "(" in head and not NOT_A_FUNCTION.search(head):
                name = NAME.search(head)
                inside = (name[1].strip() if name else "?", at, depth)
        depth += line.count("{") - line.count("}")
        if inside and depth <= inside[2] and at >= inside[1]:
            name, start, _ = inside
            length = at - start + 1
            if not is_flat_switch(lines[start:at + 1]):
                found.append((name, start + 1, length))
            inside = None
    return found


def main() -> int:
    paths = sorted(
        path
        for top in ("include", "src", "tests", "bench", "fuzz", "examples")
        for path in (ROOT / top).rglob("*")
        if path.suffix in (".h", ".cc", ".cpp", ".c", ".S", ".py") and "node_modules" not in path.parts
    )
    files, long_functions, problems = [], [], []
    for path in paths:
        name = str(path.relative_to(ROOT))
        source = path.read_text(encoding="utf-8")
        count = source.count("\n")
        files.append((count, name))
        if count > MAX_FILE_LINES:
            problems.append(f"{name}: {count} lines; the limit is {MAX_FILE_LINES}")
        if path.suffix not in (".h", ".cc") or not name.startswith(("include/", "src/")):
            continue
        for function, line, length in functions(source):
            long_functions.append((length, f"{name}:{line} {function}"))
            if length > MAX_FUNCTION_LINES and f"{name}: {function}" not in EXEMPT:
                problems.append(f"{name}:{line}: {function} has {length} lines; the limit is {MAX_FUNCTION_LINES}")
    if "--verbose" in sys.argv:
        for title, rows in (("files", files), ("functions", long_functions)):
            print(f"largest {title}:")
            for count, name in sorted(rows, reverse=True)[:SHOWN]:
                print(f"  {count:5} {name}")
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    print(f"sizes: {len(files)} files, {len(long_functions)} functions, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
