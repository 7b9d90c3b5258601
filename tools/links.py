#!/usr/bin/env python3
"""Fails on links of our pages that lead nowhere."""

import pathlib
import re
import sys

import source

LINK = re.compile(r"\]\(([^)\s]+)\)")
SKIPPED = {"node_modules", ".git"}


def pages(root):
    return sorted(path for path in root.rglob("*.md")
                  if not any(part in SKIPPED or part.startswith("build")
                             for part in path.relative_to(root).parts))


def check(root, page):
    found = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        for target in LINK.findall(line):
            path = target.split("#")[0]
            if path and "://" not in target and not (page.parent / path).exists():
                found.append(f"{page.relative_to(root)}:{number}: {target} is not there")
    return found


def main():
    return source.finish([what for page in pages(source.ROOT)
                          for what in check(source.ROOT, page)])


if __name__ == "__main__":
    sys.exit(main())
