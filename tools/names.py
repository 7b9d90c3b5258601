#!/usr/bin/env python3
"""Fails where a file of src exports a function that does not bear its name.

A function begins with the name of its file, of its folder (gateway/ has a file for each action), or of
the header beside it that declares it (bus.h, transport.h: one facade, several backends; a module of
several files has a header that ends in _private).
"""

import re
import sys

import source

DECLARED = re.compile(r"^(?!typedef\b|static\b|#)\w[^;{}()]*?\b(\w+)\(", re.MULTILINE)


def begins_with(function, name):
    return function == name or function.startswith(name + "_")


def declared(text):
    """The functions that a header declares."""
    return set(DECLARED.findall(source.code(text)))


def check(path, text, headers):
    """headers: what each module of the same folder declares."""
    lines = source.code(text).splitlines()
    found = []
    for function in source.functions(text):
        name = function.name
        if lines[function.line - 1].startswith("static") or name == "main":
            continue
        names = [path.stem, path.parts[1]]
        names += [stem for stem, functions in headers.items() if name in functions]
        if not any(begins_with(name, each) for each in names):
            found.append(f"{path}:{function.line}: {name} does not begin with {path.stem}")
    return found


def main():
    complaints = []
    for folder in sorted({path.parent for path in source.c_files("src")}):
        here = [path for path in source.c_files(folder) if path.parent == folder]
        headers = {}
        for path in here:
            if path.suffix == ".h":
                module = path.stem.removesuffix("_private")
                headers.setdefault(module, set()).update(declared(source.read(path)))
        for path in here:
            if path.suffix == ".c":
                complaints += check(path, source.read(path), headers)
    return source.finish(complaints)


if __name__ == "__main__":
    sys.exit(main())
