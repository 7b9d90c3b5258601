"""What is measured, against whom, and in which order; each figure comes from `switchyard bench`."""

import json
import socket
import ssl
import subprocess
import time

import peers

APP = "benchBENCHbenchBENCHbenchBENCH00"
TOKEN = "bench-token-"
KEY = "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
FIRST_ID = 0x1000000000
LINKS_A_PROCESS = 5000
SETTLE_SECONDS = 2


def medians(figure):
    """A run is one here: of each figure's spread, what is in the middle."""
    return {key: value["median"] if isinstance(value, dict) and "median" in value else value
            for key, value in figure.items()}


class Load:
    """Runs the generator on its own core."""

    def __init__(self, binary, mode):
        self.binary = binary
        self.mode = mode

    def command(self, scenario, peer, *words):
        return [self.binary, "bench", scenario, "--server", f"127.0.0.1:{peer.port}",
                "--pid", str(peer.pid()), "--warm", self.mode["warm"], "--json", *words]

    def run(self, scenario, peer, *words):
        done = subprocess.run(self.command(scenario, peer, "--for", self.mode["for"], *words),
                              stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True,
                              preexec_fn=peers.pin(peers.load_core()))
        if done.returncode != 0:
            raise RuntimeError(f"the load on {peer.name} failed: {scenario}")
        return medians(json.loads(done.stdout))

    def hold(self, peer, first, count, *words):
        """Links that stay open until the process's standard input is closed."""
        process = subprocess.Popen(
            self.command("idle", peer, "--hold", "--for", "1ms", "--connections", str(count),
                         "--id", f"{first:x}", "--key", KEY, *words),
            stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
            preexec_fn=peers.pin(peers.load_core()))
        line = process.stdout.readline()
        if not line:
            process.wait()
            raise RuntimeError(f"the links to {peer.name} failed")
        return process, medians(json.loads(line))


def fill(server, folder, mode):
    """The fixtures: one app; pairs of a user and a device for commands; devices to register."""
    pairs = mode["pairs"]
    server.ctl("app", "create", "--id", APP, "--name", "Bench")
    for i in range(pairs):
        user = f"bench{i}@example.com"
        server.ctl("user", "create", user)
        server.ctl("token", "issue", "--user", user, "--app", APP, "--token", f"{TOKEN}{i}")
    table = folder / "devices.csv"
    with open(table, "w", encoding="ascii") as out:
        out.write("deviceid,key,owner\n")
        for i in range(mode["links"]):
            out.write(f"{FIRST_ID + i:x},{KEY},bench{i % pairs}@example.com\n")
    server.ctl("device", "import", str(table))


def dispatch_answer(server):
    """One real answer, for nginx to repeat."""
    body = json.dumps({"accept": "ws", "version": 8, "appid": APP, "ts": int(time.time()),
                       "nonce": "a1b2c3d4"})
    context = ssl.create_default_context(cafile=str(server.data / "ca.pem"))
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as link:
            link.sendall(f"POST /dispatch/app HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                         f"Authorization: Bearer {TOKEN}0\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            reply = b"".join(iter(lambda: link.recv(65536), b"")).decode()
    answer = reply.partition("\r\n\r\n")[2]
    if json.loads(answer)["error"] != 0:
        raise RuntimeError(f"dispatch answered {answer}")
    return answer


def dispatch_words(mode, each):
    words = ["--token", f"{TOKEN}0", "--appid", APP, "--connections", str(mode["connections"])]
    return words + ["--connect-each"] if each else words


def commands_words(mode):
    return ["--token", TOKEN, "--appid", APP, "--connections", str(mode["pairs"]),
            "--id", f"{FIRST_ID:x}", "--key", KEY]


def merge(parts):
    """The figures of several processes, one after the other, as those of one."""
    operations = sum(part["operations"] for part in parts)
    seconds = sum(part["seconds"] for part in parts)
    whole = {"scenario": parts[0]["scenario"], "operations": operations,
             "errors": sum(part["errors"] for part in parts), "seconds": round(seconds, 3),
             "per_second": round(operations / seconds, 1)}
    for key in ("cpu_us", "user_us", "system_us"):
        whole[key] = round(sum(part[key] * part["operations"] for part in parts) / operations, 3)
    whole["busy"] = round(sum(part["busy"] * part["seconds"] for part in parts) / seconds, 3)
    return whole


def links(load, peer, count, *words):
    """Opens `count` links, leaves them idle, and reads what they made the server grow by."""
    before = peers.rss_kb(peer.pid())
    held, parts = [], []
    try:
        for first in range(0, count, LINKS_A_PROCESS):
            process, part = load.hold(peer, FIRST_ID + first, min(LINKS_A_PROCESS, count - first),
                                      *words)
            held.append(process)
            parts.append(part)
        time.sleep(SETTLE_SECONDS)
        after = peers.rss_kb(peer.pid())
    finally:
        for process in held:
            process.stdin.close()
            process.wait()
    figure = merge(parts)
    figure["links"] = count
    figure["rss_kb_before"] = before
    figure["rss_kb_each"] = round((after - before) / count, 3)
    return figure
