#!/usr/bin/env python3
"""Counts the test cases that `meson test` ran: prints "PASSED FAILED", and what failed on stderr.

usage: meson_results.py BUILD_FOLDER

A cmocka program counts by its cases, any other as one.
"""

import json
import pathlib
import re
import sys

RAN = re.compile(r"^\[=+\] (\d+) test\(s\) run", re.MULTILINE)
FAILED = re.compile(r"^\[  FAILED  \] (\d+) test\(s\)", re.MULTILINE)
GOOD = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}
SHOWN_LINES = 40


def cases(text):
    """(ran, failed) as cmocka tells, added over the groups of a program; None when it tells none."""
    ran = [int(count) for count in RAN.findall(text)]
    failed = [int(count) for count in FAILED.findall(text)]
    return (sum(ran), sum(failed)) if ran else None


def count(result):
    """(passed, failed) of one program's result."""
    text = result.get("stdout", "") + "\n" + result.get("stderr", "")
    told = cases(text)
    if result["result"] in SKIPPED:
        return 0, 0
    if result["result"] in GOOD:
        return (told[0], 0) if told else (1, 0)
    if told is None or told[1] == 0:  # it crashed, leaked or took too long: whatever it told before
        return 0, 1
    return told[0] - told[1], told[1]


def show(result):
    text = result.get("stdout", "") + result.get("stderr", "")
    print(f"   {result['name']}: {result['result']}", file=sys.stderr)
    for line in text.splitlines()[-SHOWN_LINES:]:
        if "[       OK ]" not in line and "[ RUN      ]" not in line:
            print(f"      {line}", file=sys.stderr)


def main():
    log = pathlib.Path(sys.argv[1]) / "meson-logs/testlog.json"
    passed = failed = 0
    for line in log.read_text(encoding="utf-8").splitlines():
        result = json.loads(line)
        good, bad = count(result)
        passed += good
        failed += bad
        if bad:
            show(result)
    print(passed, failed)


if __name__ == "__main__":
    main()
