#!/usr/bin/env python3
"""Fails where docs/protocol.md states what no test proves.

A proof is a link to a transcript, by its name, or to a test file, by the name of the test in it. Every
bullet has one, and so has every row of a table, unless the paragraph beside the table has it for all. A row
whose first cell is an error code needs a proof in which that code stands.

tests/conformance/README.md has a row for each golden exchange, with its transcripts or with the reason
why there is none.
"""

import re
import sys
from typing import NamedTuple

import source

PAGE = "docs/protocol.md"
EXCHANGES = "tests/conformance/README.md"
EXCHANGE_COUNT = 38
LINK = re.compile(r"\[([^]]+)\]\(([^)#\s]+)\)")
PROOFS = {".wire", ".mjs", ".c", ".py"}
CODES = ("error", "close code", "code")


class Block(NamedTuple):
    kind: str  # "bullet", "row", "text", "heading", "code", "gap"
    line: int
    text: str


def kind_of(line, above):
    if not line.strip():
        return "gap"
    if line.startswith("#"):
        return "heading"
    if line.startswith("|"):
        return "row"
    if line.startswith("* "):
        return "bullet"
    if above == "bullet" and line.startswith("  "):
        return "more"
    if line.startswith("    "):
        return "code"
    return "more" if above in ("bullet", "text") else "text"


def blocks(text):
    """The page as bullets, rows of tables and paragraphs, each in one piece."""
    found = []
    above = "gap"
    for number, line in enumerate(text.splitlines(), 1):
        kind = kind_of(line, above)
        if kind == "more":
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {line.strip()}")
            continue
        found.append(Block(kind, number, line))
        above = kind
    return found


def tables(page):
    """Each table's rows (its head first) and the text that stands beside it."""
    at = 0
    while at < len(page):
        end = at
        while end < len(page) and page[end].kind == "row":
            end += 1
        if end > at:
            beside = [page[i] for i in (at - 2, end + 1) if 0 <= i < len(page)]
            yield page[at:end], " ".join(each.text for each in beside if each.kind == "text")
        at = max(end, at + 1)


def cells(row):
    return [cell.strip() for cell in row.text.strip().strip("|").split("|")]


def plain(text):
    """What names of tests are compared by: without the marks that pages and languages add."""
    return re.sub(r"[`\\]", "", text)


def prove(base, text):
    """(What is wrong with the links to tests in a text, the texts of those tests.)"""
    wrong, proofs = [], []
    for name, target in LINK.findall(text):
        path = base / target
        if path.suffix not in PROOFS:
            continue
        if not path.is_file():
            wrong.append(f"{target} is not there")
            continue
        proofs.append(path.read_text(encoding="utf-8"))
        if path.suffix != ".wire" and plain(name) not in plain(proofs[-1]):
            wrong.append(f'no test "{name}" in {target}')
    return wrong, proofs


def has_code(proof, code):
    return re.search(rf"\b{code}\b", proof) is not None


def check_table(base, rows, beside):
    is_coded = cells(rows[0])[0] in CODES
    _, shared = prove(base, beside)
    for row in rows[2:]:
        wrong, proofs = prove(base, row.text)
        code = cells(row)[0].strip("`")
        for what in wrong:
            yield row.line, what
        if not proofs + shared:
            yield row.line, f"nothing proves {cells(row)[0]}"
        elif is_coded and code.isdigit() and not any(has_code(each, code) for each in proofs + shared):
            yield row.line, f"no proof of {code} has that code in it"


def check(base, text):
    """Complaints about the page, as (line, what); links are relative to base."""
    page = blocks(text)
    for block in page:
        if block.kind not in ("bullet", "text"):
            continue
        wrong, proofs = prove(base, block.text)
        for what in wrong:
            yield block.line, what
        if block.kind == "bullet" and not proofs:
            yield block.line, f"nothing proves: {block.text[2:60]}"
    for rows, beside in tables(page):
        yield from check_table(base, rows, beside)


def check_exchanges(base, text):
    """Complaints about the table of golden exchanges."""
    rows = {cells(block)[0]: block for block in blocks(text) if block.kind == "row"}
    for name in (f"G{number}" for number in range(1, EXCHANGE_COUNT + 1)):
        if name not in rows:
            yield 1, f"nothing is said of {name}"
            continue
        wrong, proofs = prove(base, rows[name].text)
        for what in wrong:
            yield rows[name].line, what
        if not proofs and not cells(rows[name])[-1].startswith("none: "):
            yield rows[name].line, f"{name} has neither a transcript nor a reason"


def main():
    found = []
    for name, checker in ((PAGE, check), (EXCHANGES, check_exchanges)):
        complaints = checker((source.ROOT / name).parent, source.read(name))
        found += [f"{name}:{line}: {what}" for line, what in sorted(complaints)]
    return source.finish(found)


if __name__ == "__main__":
    sys.exit(main())
