#!/usr/bin/env python3
"""Fails on proofs of docs/clients.md that name a test which is not in the file they lead to."""

import re
import sys

import source

PAGE = "docs/clients.md"
PROOF = re.compile(r"\[([^\]]+)\]\(\.\./(tests/e2e/[\w.-]+\.test\.mjs)\)")
JOINED = re.compile(r"'\s*\+ '")


def names(text):
    """The texts of a file's literals, with those that a plus joins in one."""
    whole = JOINED.sub("", text).replace("\\'", "\0")
    return {found.replace("\0", "'") for pair in re.findall(r"'([^'\n]*)'|`([^`\n]*)`", whole)
            for found in pair if found}


def check(page, read):
    """read(path): the text of a test file."""
    found = []
    for match in PROOF.finditer(page):
        name, path = " ".join(match[1].split()), match[2]
        number = page.count("\n", 0, match.start()) + 1
        if name not in names(read(path)):
            found.append(f"{PAGE}:{number}: {path} has no test \"{name}\"")
    return found


def main():
    page = source.read(PAGE)
    complaints = check(page, source.read)
    if not PROOF.search(page):
        complaints.append(f"{PAGE} names no test")
    return source.finish(complaints)


if __name__ == "__main__":
    sys.exit(main())
