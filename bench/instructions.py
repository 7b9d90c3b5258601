"""Where the instructions of an operation go, by callgrind: what a busy machine does not disturb.

Valgrind counts what the server's own process executes, not the kernel, and offers it an older
processor: OpenSSL then takes slower ways for X25519 and AES than on the real one.
"""

import re
import subprocess
import time
import urllib.request
from types import SimpleNamespace

import peers
import scenarios
from load import end

SETTLE_SECONDS = 0.5
MEASURE_SECONDS = 6
PAIRS = 16

# The parts that are told, and what belongs to them: the first pattern that is found counts.
PARTS = (
    ("TLS, records and handshake", r"libssl|libcrypto|src/tls/|src/base/crypto"),
    ("SQLite", r"libsqlite3"),
    ("store", r"src/store"),
    ("JSON and messages", r"src/proto|src/base/(json|utf8|nearest)"),
    ("HTTP and WebSocket", r"src/http|src/ws"),
    ("loop and connections", r"src/net"),
    ("rules, links, dispatch", r"src/(domain|gateway|api|bus|admin|server)"),
    ("buffers, maps, pools, log", r"src/base"),
    ("C library", r"libc[.-]|libpthread|ld-linux|vgpreload|libm[.-]"),
    ("the rest", r""),
)
# scenario -> the server's count of its operations
COUNTERS = {"commands": "switchyard_commands_total",
            "dispatch": "switchyard_dispatch_answers_total",
            "connect": "switchyard_tls_handshakes_total"}
NAME = re.compile(r"^(c?)(ob|fl|fi|fe|fn)=\((\d+)\)(?: (.*))?$")


def part_of(where):
    return next(name for name, pattern in PARTS if re.search(pattern, where))


class Profile:
    """Reads what callgrind wrote: the cost of each source file, or object where that is unknown."""

    def __init__(self):
        self.names = {}  # (kind, number) -> name; told once, then only by number
        self.object = self.file = ""
        self.is_callee = False  # the next cost is that of a call, which counts where it is spent
        self.costs = {}

    def name(self, match):
        called, kind, number, name = match.groups()
        key = ("ob" if kind == "ob" else "fn" if kind == "fn" else "fl", number)
        if name is not None:
            self.names[key] = name
        if called:
            return
        if kind == "ob":
            self.object = self.names[key]
        elif kind != "fn":
            self.file = self.names[key]

    def line(self, text):
        match = NAME.match(text)
        if match:
            self.name(match)
        elif text.startswith("calls="):
            self.is_callee = True
        elif text[:1] in "0123456789+-*" and text[:1]:
            if not self.is_callee:
                self.add(int(text.split()[1]))
            self.is_callee = False

    def add(self, cost):
        # Only our own files are known by their path; of a library its name tells enough.
        where = self.file if "switchyard" in self.object.rsplit("/", 1)[-1] else self.object
        part = part_of(where)
        self.costs[part] = self.costs.get(part, 0) + cost


def read(lines):
    """{part: instructions}"""
    profile = Profile()
    for line in lines:
        profile.line(line.rstrip("\n"))
    return profile.costs


class Watched(peers.Switchyard):
    """Under callgrind, which counts only when it is told to."""

    def start(self, command, **more):
        out = self.setting.folder / "callgrind.out"
        super().start(["valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no",
                       "--separate-threads=no", f"--callgrind-out-file={out}", *command], **more)

    def count(self, switch):
        subprocess.run(["callgrind_control", "-i", switch, str(self.pid())], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def operations(self, counter):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics") as answer:
            text = answer.read().decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if re.match(rf"{counter}[ {{]", line))


def await_swing(process):
    """Until the generator says that what it measures has begun."""
    for line in process.stderr:
        if "run 1" in line:
            time.sleep(SETTLE_SECONDS)
            return
    raise peers.Failure("the load ended before it began")


def count(server, process, counter):
    """Callgrind counts while the load is in full swing; how many operations that were."""
    try:
        await_swing(process)
        before = server.operations(counter)
        server.count("on")
        time.sleep(MEASURE_SECONDS)
        server.count("off")
        done = server.operations(counter) - before
    finally:
        end(process)
        process.communicate()
    if done <= 0:
        raise peers.Failure("no operation was counted")
    return done


def words_of(scenario, run, server):
    small = {**run.mode, "pairs": PAIRS, "connections": PAIRS}
    run = SimpleNamespace(mode=small)
    if scenario == "dispatch":
        return scenarios.dispatch_words(run)
    if scenario == "commands":
        return scenarios.command_words(run, server)
    return (*scenarios.link_words(server), "--connections", PAIRS)


def measure(run, scenario):
    """The table of one scenario, on a Switchyard of its own."""
    run.drop("switchyard")
    with Watched(run.setting) as server:
        command = run.load.command(scenario, server, 60_000, words_of(scenario, run, server))
        process = run.load.start(command, 1, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        operations = count(server, process, COUNTERS[scenario])
    with open(run.setting.folder / "callgrind.out", encoding="utf-8") as lines:
        return table(scenario, read(lines), operations)


def table(scenario, costs, operations):
    """Rows of texts, the dearest part first."""
    whole = sum(costs.values())
    rows = [[scenario, "instructions", "share"],
            ["all", f"{whole / operations:,.0f}", "100%"]]
    for part, cost in sorted(costs.items(), key=lambda item: -item[1]):
        if cost < operations:
            continue  # not even one
        rows.append([part, f"{cost / operations:,.0f}", f"{cost / whole:.0%}"])
    return rows
