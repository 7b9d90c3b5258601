"""./dev bench: Switchyard beside its peers, in one run, on one core each. No asserts: figures."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

import charts
import figures
import instructions
import peers
import report
import scenarios
from run import Run, say

ROOT = peers.ROOT
MODES = {
    "quick": {"rounds": 1, "warm_ms": 300, "for_ms": 1000, "point_ms": 700, "pairs": 64,
              "connections": 64, "links": [150, 600, 2400], "sizes": [64, 1024, 16384],
              "storm": 500},
    "full": {"rounds": 3, "warm_ms": 700, "for_ms": 2200, "point_ms": 1200, "pairs": 256,
             "connections": 64, "links": [150, 500, 1500, 5000, 15000],
             "sizes": [64, 256, 1024, 4096, 16384], "storm": 2000},
}
QUIET_LOAD = 0.7
HELP = """scenarios (all of them when none is named):
{scenarios}

Each is measured on Switchyard and, in the same minute, on the peers that are installed: an
echo server on plain OpenSSL, nginx, a Node server, mosquitto. Where one has no figures the
report says why. docs/performance.md explains every row and holds the last full run.

examples:
  ./dev bench --quick                 a first look at everything
  ./dev bench commands dispatch       only these two, at full length
  ./dev bench --json figures.json     every single measurement, for machines
  ./dev bench --write                 renews docs/performance.md and its charts
"""


def machine(load):
    model = [line.split(":")[1].strip() for line in
             pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {"cpu": model[0] if model else platform.machine(), "cores": len(peers.cores()),
            "load_before": load, "server_core": peers.server_cores()[0],
            "kernel": platform.release(),
            "openssl": " ".join(peers.first_line("openssl", "version").split()[:2]),
            "versions": {name: peer.version() if peer.is_installed() else f"no {name}"
                         for name, peer in peers.PEERS.items()}}


def build_type(build):
    """A sanitizer's or debugger's build would tell nothing: it is named in the report."""
    done = subprocess.run(["meson", "introspect", "--buildoptions", str(build)],
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        return "unknown"
    options = {each["name"]: each["value"] for each in json.loads(done.stdout)}
    sanitize = "" if options["b_sanitize"] == "none" else f", SANITIZED ({options['b_sanitize']})"
    return f"{options['buildtype']} (-O{options['optimization']}){sanitize}"


def parse_arguments(words):
    names = "\n".join(f"  {name:17} {action.__doc__}" for name, action in scenarios.ALL.items())
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__.removeprefix("./dev bench: "),
        epilog=HELP.format(scenarios=names), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO", help="only these; see below")
    parser.add_argument("--quick", action="store_true",
                        help="one short round with fewer links: two to three minutes")
    parser.add_argument("--rounds", type=int, metavar="N", help="instead of 3, or of 1 with --quick")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there; - is stdout")
    parser.add_argument("--write", action="store_true",
                        help="write docs/performance.md, docs/performance/*.svg and "
                             "bench/results/DATE.json")
    parser.add_argument("--from", metavar="FILE", dest="source",
                        help="instead: the report and, with --write, the charts of what --json "
                             "wrote, without measuring")
    parser.add_argument("--profile", action="store_true",
                        help="instead: the instructions of commands, dispatch and connect, by "
                             "part of the program (needs valgrind)")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    unknown = [name for name in arguments.scenario if name not in scenarios.ALL]
    if unknown:
        parser.error(f"no scenario {unknown[0]!r}; there are {', '.join(scenarios.ALL)}")
    if arguments.write and arguments.scenario:
        parser.error("--write needs all scenarios: the page would lose the others' figures")
    if arguments.profile and set(arguments.scenario) - set(instructions.COUNTERS):
        parser.error(f"--profile knows {', '.join(instructions.COUNTERS)}")
    if arguments.rounds is not None and arguments.rounds < 1:
        parser.error("--rounds is at least 1")
    return arguments


def mode_of(arguments):
    mode = MODES["quick" if arguments.quick else "full"]
    return mode if arguments.rounds is None else {**mode, "rounds": arguments.rounds}


def write_json(path, found):
    """One record a line: what changes is then easy to see."""
    records = ",\n".join("  " + json.dumps(record) for record in found["records"])
    head = json.dumps({**found, "records": []}, indent=1)
    text = head.replace('"records": []', f'"records": [\n{records}\n ]')
    if path == "-":
        print(text)
    else:
        pathlib.Path(path).write_text(text + "\n", encoding="utf-8")


def write_all(found):
    results = ROOT / "bench/results"
    results.mkdir(exist_ok=True)
    write_json(results / f"{found['date']}.json", found)
    drawn = charts.write(ROOT / "docs/performance", figures.Figures(found["records"]),
                         found["machine"]["cores"])
    report.write(ROOT / "docs/performance.md", found,
                 [f"![{title}](performance/{name}.svg)" for name, title in drawn])


def profile(run, names):
    if shutil.which("valgrind") is None:
        raise peers.Failure("--profile needs valgrind")
    run.prepare()
    for name in names:
        say(f"{name}, under callgrind")
        print(report.aligned(instructions.measure(run, name)) + "\n", flush=True)


def measure(arguments, load):
    """The report, or None after a profile; whatever the run started has ended when this returns."""
    build = pathlib.Path(arguments.build).resolve()
    mode = mode_of(arguments)
    with tempfile.TemporaryDirectory(prefix="switchyard-bench-") as folder:
        folder = pathlib.Path(folder)
        with open(folder / "servers.log", "wb") as log, \
                Run(peers.Setting(build, folder, log), mode) as run:
            try:
                if arguments.profile:
                    profile(run, arguments.scenario or list(instructions.COUNTERS))
                    return None
                run.all(arguments.scenario or list(scenarios.ALL))
            except peers.Failure:
                say((folder / "servers.log").read_text(errors="replace")[-2000:])
                raise
            command = "./dev bench" + (" --quick" if arguments.quick else "")
            return {"command": command, "date": datetime.date.today().isoformat(),
                    "commit": peers.first_line("git", "rev-parse", "--short", "HEAD"),
                    "machine": machine(load), "build": build_type(build), "tls": run.tls, **mode,
                    "records": run.records}


def found_by(arguments):
    if arguments.source:
        return json.loads(pathlib.Path(arguments.source).read_text(encoding="utf-8"))
    load = round(os.getloadavg()[0], 1)
    if load > QUIET_LOAD:
        say(f"the machine is busy (load {load}): mind the CPU times and ratios, not the rates")
    return measure(arguments, load)


def main():
    arguments = parse_arguments(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        found = found_by(arguments)
    except peers.Failure as error:
        say(f"bench: {error}")
        return 1
    except KeyboardInterrupt:
        say("bench: interrupted; everything it started has ended")
        return 130
    if found is None:
        return 0
    if arguments.json != "-":
        print(report.terminal(figures.Figures(found["records"]), found["machine"]["cores"],
                              is_whole=not arguments.scenario))
    if arguments.json:
        write_json(arguments.json, found)
    if arguments.write:
        write_all(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
