#!/usr/bin/env python3
"""Fails on calls, directives and names that CONTRIBUTING.md forbids."""

import re
import sys

import source

CALLS = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|strtok|alloca|gets)\s*\(")
HEAP = re.compile(r"\b(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf)\s*\(")
INCLUDED_C = re.compile(r'^\s*#\s*include\s+"[^"]+\.c"', re.MULTILINE)
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|else|elif)\b")
TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))")
VAGUE = {"util", "utils", "common", "misc", "helper", "helpers"}


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_text(path, text):
    code = source.code(text)
    found = [(line_of(code, match.start()), f"{match[1]}() is forbidden")
             for match in CALLS.finditer(code)]
    if path.parts[0] == "src" and path.parts[1] != "base":
        found += [(line_of(code, match.start()), f"{match[1]}() belongs into src/base")
                  for match in HEAP.finditer(code)]
    found += [(line_of(text, match.start()), "a .c file is included")
              for match in INCLUDED_C.finditer(text)]
    found += [(line_of(text, match.start()), "a TODO needs the number of its issue: TODO(#12)")
              for match in TODO.finditer(text)]
    lines = code.splitlines()
    found += [(number, "a condition of the preprocessor inside a function")
              for function in source.functions(text) for number in function.body
              if CONDITION.match(lines[number - 1])]
    return [f"{path}:{number}: {what}" for number, what in sorted(found)]


def check_name(path):
    vague = VAGUE & set(re.split(r"[_\W]", path.stem))
    return [f"{path}: \"{word}\" says nothing of what the file holds" for word in vague]


def check_unique(paths):
    """A name stands for one file: the symbols that a file exports begin with it."""
    first = {}
    return [f"{path}: {first[path.name]} has the same name" for path in paths
            if first.setdefault(path.name, path) != path]


def main():
    complaints = check_unique(source.c_files("src"))
    for path in source.c_files("src", "tests", "bench"):
        complaints += check_name(path) + check_text(path, source.read(path))
    return source.finish(complaints)


if __name__ == "__main__":
    sys.exit(main())
