#!/usr/bin/env python3
"""Fails on functions that are too long, too wide or too deep.

A NOLINT comment at a function's head excuses it; it tells why.
"""

import sys

import source

MAX_LINES = 70
MAX_PARAMETERS = 5
MAX_DEPTH = 3


def check(path, text):
    found = []
    for function in source.functions(text):
        if function.is_excused:
            continue
        at = f"{path}:{function.line}: {function.name}"
        if function.length > MAX_LINES:
            found.append(f"{at} has {function.length} lines, more than {MAX_LINES}")
        if function.parameters > MAX_PARAMETERS:
            found.append(f"{at} has {function.parameters} parameters, more than {MAX_PARAMETERS}")
        if function.depth > MAX_DEPTH:
            found.append(f"{at} nests {function.depth} deep, more than {MAX_DEPTH}")
    return found


def main():
    complaints = []
    for path in source.c_files("src", "tests", "bench"):
        complaints += check(path, source.read(path))
    return source.finish(complaints)


if __name__ == "__main__":
    sys.exit(main())
