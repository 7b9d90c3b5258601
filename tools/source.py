"""source - reads C as these checks need it: without comments and texts, function by function."""

import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent

NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def c_files(*folders):
    """The C files below these folders, as paths from the root, in order."""
    return sorted(path.relative_to(ROOT) for folder in folders
                  for path in (ROOT / folder).rglob("*.[ch]"))


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def code(text):
    """The text with comments and literals blanked; every line keeps its place."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


class Function(NamedTuple):
    name: str
    line: int  # of its head
    length: int  # in lines, from the head to the closing brace
    parameters: int
    depth: int  # of nested statements
    is_excused: bool  # a NOLINT comment beside it tells why
    body: range  # numbers of its lines


CONTROL = re.compile(r"^( *)(?:\} )?(?:if|for|while|switch|do|else)\b")
ENDS_BEFORE_HEAD = re.compile(r"^\s*$|^[}#]|;\s*$")
HEAD = re.compile(r"(\w+)\((.*)\)[^()]*$", re.DOTALL)


def count_parameters(text):
    if text.strip() in ("", "void"):
        return 0
    depth = commas = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        commas += letter == "," and depth == 0
    return commas + 1


def nesting(lines):
    """How deep statements stand in each other; an `else` stands as deep as its `if`."""
    found = (CONTROL.match(line) for line in lines)
    return max((len(match[1]) // 4 for match in found if match), default=0)


def is_excused(lines, head, start):
    """Told by NOLINT from the line ahead of a head to its end, or by a block that began above."""
    if any("NOLINT" in line for line in lines[max(head - 1, 0):start]):
        return True
    for line in reversed(lines[:head]):
        if "NOLINTBEGIN" in line or "NOLINTEND" in line:
            return "NOLINTBEGIN" in line
    return False


def functions(text):
    """
    Every function, told by the layout that clang-format gives it: its braces stand alone at the
    start of a line.
    """
    original = text.splitlines()
    lines = code(text).splitlines()
    start = 0
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        if line != "}" or not start:
            continue
        head = start - 1
        while head > 0 and not ENDS_BEFORE_HEAD.search(lines[head - 1]):
            head -= 1
        match = HEAD.search("\n".join(lines[head:start]))
        if match:
            yield Function(match[1], head + 1, number - head + 1, count_parameters(match[2]),
                           nesting(lines[start:number]), is_excused(original, head, start),
                           range(head + 1, number + 2))
        start = 0


def finish(complaints):
    """Prints them; the exit status."""
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0
