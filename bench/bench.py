"""./dev bench: Switchyard beside its peers, in one run, on one core each. No asserts: figures."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import peers
import report
import scenarios

MODES = {
    "quick": {"rounds": 1, "warm": "1s", "for": "3s", "links": 5000, "pairs": 64,
              "connections": 64},
    "full": {"rounds": 3, "warm": "2s", "for": "8s", "links": 15000, "pairs": 256,
             "connections": 64},
}
QUIET_LOAD = 0.7
ROOT = pathlib.Path(__file__).resolve().parent.parent


def say(text):
    print(text, file=sys.stderr, flush=True)


def output_of(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"


def machine(load):
    model = [line.split(":")[1].strip() for line in
             pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {"cpu": model[0] if model else platform.machine(), "cores": os.cpu_count(),
            "load_before": load,
            "server_core": peers.server_core(), "load_core": peers.load_core(), "kernel": platform.release(),
            "openssl": " ".join(output_of("openssl", "version").split()[:2]),
            "nginx": output_of("nginx", "-v").replace("nginx version: ", "")
                     if shutil.which("nginx") else "no nginx installed"}


def warn_of_load(load):
    if load > QUIET_LOAD:
        say(f"the machine is busy (load {load:.1f}): mind the CPU times and ratios, not the rates")


def build_type(build):
    """A sanitizer's or debugger's build would tell nothing: it is named in the report."""
    done = subprocess.run(["meson", "introspect", "--buildoptions", str(build)],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return "unknown"
    options = {each["name"]: each["value"] for each in json.loads(done.stdout)}
    sanitize = "" if options["b_sanitize"] == "none" else f", SANITIZED ({options['b_sanitize']})"
    return f"{options['buildtype']} (-O{options['optimization']}){sanitize}"


class Run:
    """One run of everything: peers up side by side, then round after round."""

    def __init__(self, arguments, folder):
        self.mode = MODES["quick" if arguments.quick else "full"]
        self.build = pathlib.Path(arguments.build).resolve()
        self.folder = folder
        self.binary = self.build / "src/server/switchyard"
        self.load = scenarios.Load(self.binary, self.mode)
        self.load_before = round(os.getloadavg()[0], 1)
        self.results = {}
        self.tls = {}
        self.log = open(folder / "servers.log", "wb")

    def note(self, scenario, peer, figure):
        self.results.setdefault(scenario, {}).setdefault(peer.name, []).append(figure)
        memory = f", {figure['rss_kb_each']:.2f} KB a link" if "rss_kb_each" in figure else ""
        say(f"  {scenario:17} {peer.name:11} {figure['per_second']:>11,.0f}/s "
            f"{figure['cpu_us']:9.2f} us CPU each, core {figure['busy']:.0%} busy{memory}")

    def switchyard(self):
        return peers.Switchyard(self.binary, self.folder / "data", self.log)

    def echo(self, server):
        return peers.Echo(self.build / "bench/switchyard-echo", server.chain(), server.key(),
                          self.log)

    def dispatch(self, server, nginx):
        for scenario, each in (("dispatch", False), ("dispatch-connect", True)):
            for peer in [server, nginx] if nginx else [server]:
                words = scenarios.dispatch_words(self.mode, each)
                self.note(scenario, peer, self.load.run("dispatch", peer, *words))

    def commands(self, server, echo):
        words = scenarios.commands_words(self.mode)
        self.note("commands", server, self.load.run("commands", server, *words))
        self.note("commands", echo, self.load.run("commands", echo, "--speaks", "echo", *words))

    def links(self):
        """With fresh processes: what they did before has left its mark on their memory."""
        with self.switchyard() as server:
            self.note("links", server, scenarios.links(self.load, server, self.mode["links"]))
            with self.echo(server) as echo:
                figure = scenarios.links(self.load, echo, self.mode["links"], "--speaks", "echo")
                self.note("links", echo, figure)

    def rounds(self, server, nginx, echo):
        for peer in (server, nginx, echo):
            if peer:
                self.tls[peer.name] = peers.tls_of(peer.port)
        for number in range(self.mode["rounds"]):
            say(f"round {number + 1} of {self.mode['rounds']}")
            self.dispatch(server, nginx)
            self.commands(server, echo)

    def with_nginx(self, server, echo):
        if shutil.which("nginx") is None:
            say("nginx is not installed: dispatch has no peer in this run")
            self.rounds(server, None, echo)
            return
        answer = scenarios.dispatch_answer(server)
        with peers.Nginx(self.folder, server.chain(), server.key(), answer) as nginx:
            self.rounds(server, nginx, echo)

    def all(self):
        warn_of_load(self.load_before)
        with self.switchyard() as server:
            say(f"making the fixtures: {self.mode['pairs']} users, {self.mode['links']} devices")
            scenarios.fill(server, self.folder, self.mode)
            with self.echo(server) as echo:
                self.with_nginx(server, echo)
        for number in range(self.mode["rounds"]):
            say(f"links, round {number + 1} of {self.mode['rounds']}")
            self.links()

    def report(self, command):
        return {"command": command, "date": datetime.date.today().isoformat(),
                "commit": output_of("git", "rev-parse", "--short", "HEAD"),
                "machine": machine(self.load_before), "build": build_type(self.build), "tls": self.tls,
                **self.mode, "results": self.results}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, 5,000 links: < 60 s")
    parser.add_argument("--json", metavar="FILE", help="also write the figures there; - is stdout")
    parser.add_argument("--write", action="store_true",
                        help="write docs/performance.md and bench/results/DATE.json")
    parser.add_argument("--build", default="build", help=argparse.SUPPRESS)
    return parser.parse_args()


def write_json(path, figures):
    text = json.dumps(figures, indent=1)
    if path == "-":
        print(text)
    else:
        pathlib.Path(path).write_text(text + "\n", encoding="utf-8")


def main():
    arguments = parse_arguments()
    command = "./dev bench" + (" --quick" if arguments.quick else "")
    with tempfile.TemporaryDirectory(prefix="switchyard-bench-") as folder:
        run = Run(arguments, pathlib.Path(folder))
        try:
            run.all()
        except RuntimeError as error:
            say(f"bench: {error}")
            say((pathlib.Path(folder) / "servers.log").read_text(errors="replace")[-2000:])
            return 1
    figures = run.report(command)
    if arguments.json != "-":
        print(report.terminal(figures["results"]))
    if arguments.json:
        write_json(arguments.json, figures)
    if arguments.write:
        results = ROOT / "bench/results"
        results.mkdir(exist_ok=True)
        write_json(results / f"{figures['date']}.json", figures)
        report.write(ROOT / "docs/performance.md", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
