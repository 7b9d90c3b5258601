"""The figures of a run: records of single measurements, their medians and spreads, and their texts."""

import statistics
from typing import NamedTuple


class Spread(NamedTuple):
    """The median of the rounds, and what they spread over."""

    median: float
    low: float
    high: float


def spread_of(values):
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def flatten(output):
    """What `switchyard bench` printed, as plain numbers: medians of its runs, parts by name."""
    flat = {}
    for key, value in output.items():
        if not isinstance(value, dict):
            flat[key] = value
        elif "median" in value:
            flat[key] = value["median"]
        else:
            flat.update({f"{key}_{name}": part for name, part in flatten(value).items()})
    if flat.get("operations") and "resumed" in flat:
        # At a run's edges a handshake may count for one run and its operation for the next.
        flat["resumed_share"] = min(1, round(flat["resumed"] / flat["operations"], 4))
    return flat


def merge(parts):
    """The figures of several processes, one after the other, as those of one."""
    operations = sum(part["operations"] for part in parts)
    seconds = sum(part["seconds"] for part in parts)
    whole = {"operations": operations, "errors": sum(part["errors"] for part in parts),
             "seconds": round(seconds, 3), "per_second": round(operations / seconds, 1)}
    for key in ("cpu_us", "user_us", "system_us"):
        whole[key] = round(sum(part[key] * part["operations"] for part in parts) / operations, 3)
    whole["busy"] = round(sum(part["busy"] * part["seconds"] for part in parts) / seconds, 3)
    return whole


class Figures:
    """
    Records {"measure", "peer", figures...}, with "x" where the measure is a curve and "failed",
    telling why, instead of figures where there are none.
    """

    def __init__(self, records):
        self.records = records

    def runs(self, measure, peer, key, x=None):
        return [each[key] for each in self.records
                if (each["measure"], each["peer"], each.get("x")) == (measure, peer, x)
                and key in each]

    def spread(self, measure, peer, key, x=None):
        return spread_of(self.runs(measure, peer, key, x))

    def median(self, measure, peer, key, x=None):
        found = self.spread(measure, peer, key, x)
        return found.median if found else None

    def xs(self, measure, peer, key):
        return sorted({each["x"] for each in self.records
                       if each["measure"] == measure and each["peer"] == peer and "x" in each
                       and key in each})

    def curve(self, measure, peer, key):
        """[(x, Spread)]"""
        return [(x, self.spread(measure, peer, key, x)) for x in self.xs(measure, peer, key)]

    def last(self, measure, peer, key):
        """The Spread at the largest x, and that x; None, None where there is none."""
        curve = self.curve(measure, peer, key)
        return (curve[-1][1], curve[-1][0]) if curve else (None, None)

    def has(self, measure, peer):
        return any(each["measure"] == measure and each["peer"] == peer and "failed" not in each
                   for each in self.records)

    def failure(self, measure, peer):
        return next((each["failed"] for each in self.records
                     if each["measure"] == measure and each["peer"] == peer and "failed" in each),
                    None)


def number(value):
    """Three or four digits that mean something."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def text(spread):
    if spread is None:
        return "-"
    middle, low, high = (number(value) for value in spread)
    return middle if low == high else f"{middle} ({low}-{high})"
