#!/usr/bin/env python3
"""Fails on files that hold more than one thing, going by their length."""

import sys

import source

MAX_LINES = {".c": 500, ".h": 120}


def check(path, text):
    lines = len(text.splitlines())
    limit = MAX_LINES[path.suffix]
    return [f"{path}: {lines} lines, more than {limit}"] if lines > limit else []


def main():
    complaints = []
    for path in source.c_files("src", "tests", "bench"):
        complaints += check(path, source.read(path))
    return source.finish(complaints)


if __name__ == "__main__":
    sys.exit(main())
