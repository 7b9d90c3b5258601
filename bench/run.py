"""A run: servers that come up when they are needed, and the records of what was measured on them."""

import contextlib
import sys
import time

import fixtures
import peers
import scenarios
from load import Load

TRIES = 2  # of a peer that breaks off, before the run goes on without it


def say(text):
    print(text, file=sys.stderr, flush=True)


class Run:
    def __init__(self, setting, mode):
        self.setting = setting
        self.mode = mode
        self.load = Load(setting.binary, mode)
        self.records = []
        self.round = 0
        self.tls = {}
        self.up = {}  # name -> (peer, what ends it)
        self.failures = {}  # name -> how often it broke off
        self.missing = {name for name, peer in peers.PEERS.items() if not peer.is_installed()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for name in list(self.up):
            self.drop(name)

    def open(self, name, **more):
        """The peer; it stays up until drop()."""
        if name not in self.up:
            with contextlib.ExitStack() as stack:
                peer = stack.enter_context(peers.PEERS[name](self.setting, **more))
                self.up[name] = (peer, stack.pop_all())
            self.tls.setdefault(name, peers.tls_of(peer.port))
        return self.up[name][0]

    def drop(self, name):
        if name in self.up:
            self.up.pop(name)[1].close()

    def prepare(self):
        users, devices = self.mode["pairs"], self.mode["links"][-1]
        say(f"making the fixtures: {users:,} users, {devices:,} devices")
        server = self.open("switchyard")
        fixtures.fill(server, users, devices)
        self.setting.answer = fixtures.dispatch_answer(server)
        for name in sorted(self.missing):
            say(f"{name} is not installed: its figures are left out")

    def note(self, record):
        self.records.append(record)
        say("  " + told(record))

    def measure(self, measure, name, action, x=None, **more):
        """Whether there is a figure; where there is none the record tells why, and the run goes on."""
        record = {"measure": measure, "peer": name, **({} if x is None else {"x": x})}
        if name in self.missing:
            self.records.append({**record, "failed": "not installed"})
            return False
        if self.failures.get((measure, name), 0) >= TRIES:
            return False
        try:
            self.note({**record, **action(self.open(name, **more))})
            return True
        except (peers.Failure, OSError) as error:
            self.failures[measure, name] = self.failures.get((measure, name), 0) + 1
            self.note({**record, "failed": str(error)})
            self.drop(name)
            return False

    def measure_fresh(self, measure, action, x, **more):
        """On a Switchyard of its own, with options that the others have not."""
        self.drop("switchyard")
        self.measure(measure, "switchyard", action, x, **more)
        self.drop("switchyard")

    def measure_alone(self, measure, action):
        """A measurement that starts its own Switchyard."""
        record = {"measure": measure, "peer": "switchyard"}
        try:
            self.note({**record, **action()})
        except (RuntimeError, OSError, KeyError) as error:
            self.note({**record, "failed": str(error)})

    def all(self, names):
        begin = time.monotonic()
        self.prepare()
        for number in range(self.mode["rounds"]):
            self.round = number + 1
            for name in names:
                minutes, seconds = divmod(int(time.monotonic() - begin), 60)
                say(f"{minutes}:{seconds:02} round {self.round} of {self.mode['rounds']}: {name}")
                scenarios.ALL[name](self)


FIGURES = (("per_second", "{:>11,.0f}/s"), ("cpu_us", "{:9.2f} us CPU each"),
           ("busy", "core {:4.0%} busy"), ("rss_kb_each", "{:6.2f} KB a link"),
           ("resumed_share", "{:.0%} resumed"),
           ("start_ms", "{:.1f} ms"),
           ("bytes_each", "{:.1f} bytes each"))


def told(record):
    at = f"{record['measure']}" + (f" {record['x']:,}" if "x" in record else "")
    if "failed" in record:
        return f"{at:21} {record['peer']:11} failed: {record['failed']}"
    parts = [form.format(record[key]) for key, form in FIGURES if key in record]
    if "cpu_us" not in record and "latency_us_p999" in record:
        parts.append(f"p99.9 {record['latency_us_p999']:,.0f} us")
    errors = [f"{record['errors']:,} ERRORS"] if record.get("errors") else []
    return f"{at:21} {record['peer']:11} " + ", ".join(parts + errors)
