#!/usr/bin/env python3
"""Fails when an option of src/server/option.def is missing from the manual or the sample file."""

import re
import sys

import source

OPTION = re.compile(r'^OPTION\(\s*\w+,\s*\w+,\s*"([^"]+)"', re.MULTILINE)
MANUAL = "docs/options.md"
SAMPLE = "etc/switchyard.yaml"


def paths(table):
    return OPTION.findall(table)


def in_manual(option, text):
    """A heading or a row of a table names it."""
    return re.search(rf"^(?:#+ |\| *)`?{re.escape(option)}`?(?:\s|$)", text, re.MULTILINE)


def in_sample(option, text):
    """Its last key stands below the keys that lead there; any of them may be commented out."""
    at = 0
    for depth, key in enumerate(option.split(".")):
        match = re.compile(rf"^#? ?{'  ' * depth}(?:# ?)?{re.escape(key)}:", re.MULTILINE).search(
            text, at)
        if not match:
            return False
        at = match.end()
    return True


def check(table, manual, sample):
    options = paths(table)
    complaints = [f"{MANUAL}: {option} is missing" for option in options
                  if not in_manual(option, manual)]
    complaints += [f"{SAMPLE}: {option} is missing" for option in options
                   if not in_sample(option, sample)]
    return complaints if options else ["src/server/option.def: no option found"]


def main():
    return source.finish(check(*map(source.read, ("src/server/option.def", MANUAL, SAMPLE))))


if __name__ == "__main__":
    sys.exit(main())
