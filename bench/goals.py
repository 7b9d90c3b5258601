"""The goals: what Switchyard is meant to cost, and by how much a run met or missed that."""

from typing import NamedTuple

import figures
import peers

IDLE_KB = 1.5
IDLE_STRETCH_KB = 1.0
COMMAND_STRETCH_US = 8.0
IDLE_LINKS = 15_000
FLAT = 1.2
TWO_WORKERS = 1.8
PONG_P999_US = 50_000
PONG_MAX_US = 3_000_000
START_MS = 50
OFFLINE_BYTES = 40
RESUMED_COST = 0.5  # of a full connect
RESUMED_SHARE = 0.95  # of the links of a storm
LATE_SHARE = 0.1  # of the target, by which the load may have been late itself


STRETCH = ", stretch goal met"


class Goal(NamedTuple):
    number: int
    what: str
    unit: str
    target: float
    measured: float  # None: this run did not measure it
    why: str = ""  # why it is not, or not to be judged
    at_least: bool = False
    stretch: float = 0  # better still; 0: none

    def is_judged(self):
        return self.measured is not None and self.target is not None and not self.why

    def of_target(self):
        """What was reached as a part of what was meant: at most 1 is met. Nothing, or less than
        that where noise is all that there is, counts as next to nothing."""
        reached = max(self.measured / self.target, 1e-6)
        return 1 / reached if self.at_least else reached

    def is_met(self):
        return self.of_target() <= 1

    def brief(self):
        return self.verdict().removesuffix(STRETCH)

    def verdict(self):
        if not self.is_judged():
            return self.why or "not measured"
        off = abs(max(self.measured, 0) / self.target - 1)
        if self.is_met():
            reached = STRETCH if 0 < self.measured <= self.stretch else ""
            return f"met, {off:.0%} {'above' if self.at_least else 'to spare'}{reached}"
        return f"missed by {off:.0%}" if off < 1 else f"missed: {1 + off:.1f} times the target"


def reason(found, *needed):
    """Why one of the needed (measure, peer) has no figure; empty when all have, or did not run."""
    for measure, peer in needed:
        why = None if found.has(measure, peer) else found.failure(measure, peer)
        if why:
            return f"not judged: {measure}, {peer}: {why}"
    return ""


def against(found, number, what, measure, peer, target_measure=None):
    """At most what the peer takes for the same."""
    return Goal(number, f"{what}, against {peer}", "us CPU",
                found.median(target_measure or measure, peer, "cpu_us"),
                found.median(measure, "switchyard", "cpu_us"),
                reason(found, (measure, "switchyard"), (target_measure or measure, peer)))


def plain(found, number, what, measure, target):
    """At most so much of a figure of Switchyard alone: target is (figure, unit, value)."""
    key, unit, value = target
    return Goal(number, what, unit, value, found.median(measure, "switchyard", key),
                reason(found, (measure, "switchyard")))


def idle(found, measure, whose):
    spread, links = found.last(measure, "switchyard", "rss_kb_each")
    many = f", one of {links:,}" if links else ""
    why = reason(found, (measure, "switchyard"))
    if spread and links < IDLE_LINKS and spread.median > IDLE_KB:
        why = f"not judged: the goal is for {IDLE_LINKS:,}"
    return Goal(1, f"idle wss link of {whose}{many}", "KB", IDLE_KB,
                spread.median if spread else None, why, stretch=IDLE_STRETCH_KB)


def resumed(found):
    full = found.median("connect", "switchyard", "cpu_us")
    return Goal(4, "resumed connect, against half of a full one", "us CPU",
                full * RESUMED_COST if full else None,
                found.median("connect-resumed", "switchyard", "cpu_us"),
                reason(found, ("connect", "switchyard"), ("connect-resumed", "switchyard")))


def storm(found):
    return Goal(4, "links of a reconnect storm that resume", "of all", RESUMED_SHARE,
                found.median("storm-resumed", "switchyard", "resumed_share"),
                reason(found, ("storm-resumed", "switchyard")), at_least=True)


def pong(found, what, key, target):
    """Told in milliseconds; not judged where the load could not keep its own time."""
    measured = found.median("pong", "switchyard", f"latency_us_{key}")
    late = found.median("pong", "switchyard", f"late_us_{key}") or 0
    why = reason(found, ("pong", "switchyard"))
    if late > target * LATE_SHARE:
        why = f"not judged: the load itself was {late / 1000:,.0f} ms late"
    return Goal(5, what, "ms", target / 1000, None if measured is None else measured / 1000, why)


def flatness(found, what, measure, key):
    """The last point of a curve as a multiple of its first."""
    curve = found.curve(measure, "switchyard", key)
    measured = curve[-1][1].median / curve[0][1].median if len(curve) > 1 else None
    ends = f" at {curve[-1][0]:,} links against {curve[0][0]:,}" if len(curve) > 1 else ""
    return Goal(6, what + ends, "times", FLAT, measured, reason(found, (measure, "switchyard")))


def workers(found, cores):
    rates = dict(found.curve("workers", "switchyard", "per_second"))
    if 1 not in rates or 2 not in rates:
        return Goal(6, "commands a second of two workers against one", "times", TWO_WORKERS, None,
                    reason(found, ("workers", "switchyard")), at_least=True)
    why = "" if cores >= peers.CORES_FOR_TWO else f"not judged: on {cores} cores the load has none to itself"
    return Goal(6, "commands a second of two workers against one", "times", TWO_WORKERS,
                rates[2].median / rates[1].median, why, at_least=True)


def workers_cpu(found):
    """What still tells on a small machine: a second worker must not make a command dearer."""
    costs = dict(found.curve("workers", "switchyard", "cpu_us"))
    measured = costs[2].median / costs[1].median if 1 in costs and 2 in costs else None
    return Goal(6, "CPU of a command, two workers against one", "times", FLAT, measured)


def all_of(found, cores):
    return [
        idle(found, "idle", "a device"),
        idle(found, "idle-apps", "an app"),
        against(found, 2, "command app-device-ack-app", "commands", "echo")
        ._replace(stretch=COMMAND_STRETCH_US),
        against(found, 3, "dispatch, kept-alive", "dispatch", "nginx"),
        against(found, 3, "dispatch, new connection each", "dispatch-new", "nginx"),
        against(found, 4, "full connect, upgrade, register", "connect", "nginx", "dispatch-new"),
        resumed(found),
        storm(found),
        pong(found, "pong under load at p99.9", "p999", PONG_P999_US),
        pong(found, "pong under load, the slowest", "max", PONG_MAX_US),
        flatness(found, "CPU of a command", "links", "cpu_us"),
        flatness(found, "CPU of a connect", "idle", "cpu_us"),
        flatness(found, "memory of a link", "idle", "rss_kb_each"),
        workers(found, cores),
        workers_cpu(found),
        plain(found, 7, "start with 100,000 devices", "start", ("start_ms", "ms", START_MS)),
        plain(found, 7, "a device that is offline", "offline",
              ("bytes_each", "bytes", OFFLINE_BYTES)),
    ]


def line(goal):
    told = "" if goal.target is None else f" target {bound(goal)} {goal.unit},"
    if goal.measured is not None:
        told += f" measured {figures.number(goal.measured)} {goal.unit}:"
    return f"goal {goal.number}: {goal.what}:{told} {goal.verdict()}"


def bound(goal):
    return f"{'at least' if goal.at_least else 'at most'} {figures.number(goal.target)}"
