"""One round of each scenario: what is measured, on whom, and in which order."""

import time

import figures
import fixtures
import measures
import peers
import start
from load import release

LINKS_A_PROCESS = 5000
SETTLE_SECONDS = 1.5
FEW_ROUNDS = 2  # of what takes long: curves, whose points tell of each other, and storms
RESUMED = ("--resume",)
RESUMED_OLD = ("--resume", "--tls", "1.2")


def side_by_side(run, measure, action, x=None):
    """Switchyard and each of the measure's peers, one after the other, within a minute."""
    for name in ("switchyard", *measures.BY_NAME[measure].peers):
        run.measure(measure, name, action, x)


def dispatch_words(run):
    return ("--token", f"{fixtures.TOKEN}0", "--appid", fixtures.APP,
            "--connections", run.mode["connections"])


def dispatch(run):
    """POST /dispatch/app on kept connections and on new ones, full and resumed."""
    kinds = (("dispatch", ()), ("dispatch-new", ("--connect-each",)),
             ("dispatch-resumed", ("--connect-each", *RESUMED)),
             ("dispatch-resumed-old", ("--connect-each", *RESUMED_OLD)))
    for measure, words in kinds:
        side_by_side(run, measure, lambda peer, words=words:
                     run.load.run("dispatch", peer, *dispatch_words(run), *words))


def link_words(peer, first=fixtures.FIRST_ID):
    return ("--speaks", peer.speaks, "--id", f"{first:x}", "--key", fixtures.KEY)


def connect(run):
    """Connect, upgrade and register, over and over, full and resumed."""
    for measure, words in (("connect", ()), ("connect-resumed", RESUMED)):
        side_by_side(run, measure, lambda peer, words=words:
                     run.load.run("connect", peer, *link_words(peer),
                                  "--connections", run.mode["connections"], *words))


def app_words(apps):
    return ("--token", fixtures.TOKEN, "--appid", fixtures.APP, "--connections", apps)


def command_words(run, peer, first=fixtures.FIRST_ID):
    return (*link_words(peer, first), *app_words(run.mode["pairs"]))


def commands(run):
    """Commands from apps to devices and the answers, each pair one at a time."""
    side_by_side(run, "commands", lambda peer:
                 run.load.run("commands", peer, *command_words(run, peer)))


def sizes(run):
    """Commands with small and with large params."""
    if run.round > FEW_ROUNDS:
        return
    for size in run.mode["sizes"]:
        side_by_side(run, "sizes", lambda peer, size=size:
                     run.load.run("commands", peer,
                                  *command_words(run, peer, fixtures.FIRST_ID_OF_LARGE),
                                  "--size", size, span="point_ms"), size)


def links(run):
    """Commands with few and with many links that take part."""
    if run.round > FEW_ROUNDS:
        return
    apps = fixtures.HOUSEHOLDS
    for count in run.mode["links"]:
        side_by_side(run, "links", lambda peer, count=count:
                     run.load.run("commands", peer,
                                  *link_words(peer, fixtures.FIRST_ID_OF_HOUSEHOLDS),
                                  *app_words(apps), "--devices", count - apps,
                                  span="point_ms"), count)


def workers(run):
    """Commands with one worker and with two."""
    processes = 2 if len(peers.cores()) >= peers.CORES_FOR_TWO else 1
    for count in (1, 2):
        run.measure_fresh("workers", lambda server, count=count:
                          run.load.run("commands", server, *command_words(run, server),
                                       "--processes", processes, workers=count),
                          count, workers=count)


class Idle:
    """Links that stay: each step opens more of them, waits, and reads what the server grew by."""

    def __init__(self, run, peer, words=()):
        self.run = run
        self.peer = peer
        self.words = ("--speaks", peer.speaks, *words)
        self.before = peers.rss_kb(peer.pid())
        self.held = []
        self.count = 0

    def step(self, count):
        parts = []
        for first in range(self.count, count, LINKS_A_PROCESS):
            process, part = self.run.load.hold(
                self.peer, first, min(LINKS_A_PROCESS, count - first), *self.words)
            self.held.append(process)
            parts.append(part)
        self.count = count
        time.sleep(SETTLE_SECONDS)
        grown = peers.rss_kb(self.peer.pid()) - self.before
        return {**figures.merge(parts), "links": count, "rss_kb_before": self.before,
                "rss_kb_each": round(grown / count, 3)}

    def end(self):
        for process in self.held:
            release(process)


def idle(run):
    """Idle links, from few to many: their memory, and what each took to connect."""
    # In fresh processes: earlier load leaves its mark on memory.
    for name in ("switchyard", *measures.BY_NAME["idle"].peers):
        # The slow peers once: their figure is far off, and does not spread.
        if name in ("switchyard", "echo") or run.round == 1:
            idle_of(run, name)
    run.drop("switchyard")
    run.measure("idle-apps", "switchyard", lambda peer: app_links(run, peer), run.mode["links"][-1])
    run.drop("switchyard")


def app_links(run, peer):
    load = Idle(run, peer, ("--apps", "--token", fixtures.TOKEN, "--tokens", run.mode["pairs"],
                            "--appid", fixtures.APP))
    try:
        return load.step(run.mode["links"][-1])
    finally:
        load.end()


def idle_of(run, name):
    run.drop(name)
    held = []

    def step(peer, count):
        if not held:
            held.append(Idle(run, peer))
        return held[0].step(count)

    try:
        for count in run.mode["links"]:
            if not run.measure("idle", name, lambda peer, count=count: step(peer, count), count):
                break
    finally:
        for each in held:
            each.end()
        if name != "switchyard":
            run.drop(name)


def storm(run):
    """A fleet that lost its links and comes back at once, full and resumed."""
    if run.round > FEW_ROUNDS:
        return
    for measure, words in (("storm", ()), ("storm-resumed", RESUMED)):
        side_by_side(run, measure, lambda peer, words=words:
                     run.load.run("storm", peer, *link_words(peer),
                                  "--connections", run.mode["storm"], *words))


def pong(run):
    """Pings under commands, a reconnect storm and garbage at once."""
    side_by_side(run, "pong", lambda peer:
                 run.load.run("pong-under-load", peer, *command_words(run, peer)))


def mixed(run):
    """What a fleet does all day: commands, reports, links that come and go."""
    side_by_side(run, "mixed", lambda peer:
                 run.load.run("mixed", peer, *command_words(run, peer)))


def start_up(run):
    """Start with 100,000 devices in the store, and the memory of 200,000 that are offline."""
    if run.round == 1:
        found = {}
        run.measure_alone("start", lambda: found.update(start.measure(
            run.setting.binary, run.setting.folder)) or {"start_ms": found["start_ms"]})
        run.measure_alone("offline", lambda: {"bytes_each": found["bytes_each_offline"]})


# In this order: those with fresh processes last, so that the others share theirs.
ALL = {"dispatch": dispatch, "connect": connect, "commands": commands, "sizes": sizes,
       "links": links, "storm": storm, "pong-under-load": pong, "mixed": mixed,
       "workers": workers, "idle": idle, "start": start_up}
