#!/usr/bin/env python3
"""Fails when a file of src/ includes what tools/layers.txt does not grant to its layer."""

import re
import sys
from typing import NamedTuple

import source

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


class Rules(NamedTuple):
    layers: dict  # layer: the layers it may include, itself among them
    homes: list  # (start of an outside header's name, the layers that may include it)


def parse(text):
    layers, homes = {}, []
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, granted = line.split(":", 1)
        if name.startswith("<"):
            homes.append((name.strip("<>"), set(granted.split())))
        else:
            layers[name] = set(granted.split()) | {name}
    return Rules(layers, homes)


def loops(rules):
    """Layers that reach themselves: the list in layers.txt must be an order."""
    names = list(rules.layers)
    return [f"tools/layers.txt: {name} may include {other}, which stands below it in the list"
            for at, name in enumerate(names)
            for other in sorted(rules.layers[name]) if other.split("/")[0] not in names[:at + 1]]


def is_granted(rules, layer, ours, outside):
    if ours:
        granted = rules.layers.get(layer, ())
        # A name without a folder is made by the build, from the same folder.
        return "/" not in ours or ours.split("/")[0] in granted or ours in granted
    # The most exact rule counts.
    fitting = [(start, home) for start, home in rules.homes if outside.startswith(start)]
    return not fitting or layer in max(fitting, key=lambda rule: len(rule[0]))[1]


def check(rules, layer, path, text):
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match and not is_granted(rules, layer, match[1], match[2]):
            found.append(f"{path}:{number}: {layer} may not include {match[1] or match[2]}")
    return found


def main():
    rules = parse(source.read("tools/layers.txt"))
    complaints = loops(rules)
    for path in source.c_files("src"):
        layer = path.parts[1]
        if layer not in rules.layers:
            complaints.append(f"{path}: tools/layers.txt does not know the layer {layer}")
        complaints += check(rules, layer, path, source.read(path))
    return source.finish(complaints)


if __name__ == "__main__":
    sys.exit(main())
