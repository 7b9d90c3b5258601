"""How long a server with a large store takes to start, and what devices cost it that are offline."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import ssl
import statistics
import subprocess
import time

START_DEVICES = 100_000
OFFLINE_DEVICES = 200_000
STARTS = 7
SETTLE_SECONDS = 2.5
PATIENCE_SECONDS = 60
APP = "benchBENCHbenchBENCHbenchBENCH00"
TOKEN = "bench-token-start"
USER = "start@example.com"
FIRST_ID = 0x1000000000


class Server:
    """switchyard serve on a data directory, on a port that is known before it starts."""

    def __init__(self, binary, data):
        self.binary = str(pathlib.Path(binary).resolve())
        self.data = data
        self.process = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        # Relative: the path of a Unix socket is short, a temporary directory's may not be.
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.data.name, "--workers", "1",
             "--listen-tls", f"127.0.0.1:{self.port}", "--admin-listen", "127.0.0.1:0",
             "--limits-messages-per-second", "0", "--log-level", "error"],
            cwd=self.data.parent, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(PATIENCE_SECONDS) != 0:
            raise RuntimeError(f"switchyard ended with status {self.process.returncode}")

    def ctl(self, *words):
        done = subprocess.run(
            [self.binary, "ctl", *words], cwd=self.data.parent, capture_output=True, text=True,
            env={**os.environ, "SWITCHYARD_CONTROL": f"{self.data.name}/control.sock"}, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"switchyard ctl {' '.join(words)}: {done.stderr.strip()}")

    def cpu_ms(self):
        """What all its threads have taken so far: right on a busy machine too."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in tasks.iterdir()) / 1e6

    def rss(self):
        """Bytes that are resident, those shared with other processes too."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no Rss in smaps_rollup")


@contextlib.contextmanager
def running(server):
    server.start()
    try:
        until_up(server)
        yield server
        server.stop()
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def until_up(server):
    """The socket of its control opens last."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (server.data / "ports.json").exists():
        if server.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("switchyard did not start")
        time.sleep(0.005)


def connect(server):
    """As soon as the port is open."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        plain = socket.socket()
        if plain.connect_ex(("127.0.0.1", server.port)) == 0:
            return plain
        plain.close()
        if server.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("switchyard did not open its port")
        time.sleep(0.0002)


def dispatch(server, context):
    """A dispatch that the store has to be asked for: who has that token, and which app is it of?"""
    body = json.dumps({"accept": "ws", "version": 8, "appid": APP, "ts": int(time.time()),
                       "nonce": "a1b2c3d4"})
    with connect(server) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as link:
            link.sendall(f"POST /dispatch/app HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                         f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            reply = b"".join(iter(lambda: link.recv(65536), b"")).decode()
    answer = json.loads(reply.partition("\r\n\r\n")[2])
    if answer["error"] != 0:
        raise RuntimeError(f"dispatch answered {answer}")


def import_devices(server, first, count):
    table = server.data.parent / "many.csv"
    with open(table, "w", encoding="ascii") as out:
        out.write("deviceid,key,owner\n")
        for i in range(first, first + count):
            out.write(f"{FIRST_ID + i:x},8f54bd8e-2f1c-4b1e-9e0c-{i:012x},{USER}\n")
    server.ctl("device", "import", str(table))
    table.unlink()


def start_once(server, context):
    """From the start of the program to the first answer: milliseconds, and those of CPU."""
    (server.data / "ports.json").unlink(missing_ok=True)
    begun = time.monotonic()
    server.start()
    try:
        dispatch(server, context)
        took = time.monotonic() - begun
        cpu_ms = server.cpu_ms()
        until_up(server)
        server.stop()
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
    return 1000 * took, cpu_ms


def rss_at_rest(server, context):
    """Of a server that has answered, once it has had nothing to do for a while."""
    with running(server):
        dispatch(server, context)
        time.sleep(SETTLE_SECONDS)
        return server.rss()


def measure(binary, folder):
    """start_ms: the median of several starts with 100,000 devices, start_cpu_ms the CPU time of
    the server in it, which other load on the machine leaves alone. bytes_each_offline: what
    a server that was just started is larger by for each of 200,000 devices that are not connected;
    bytes_each_imported: the same for the server that has imported them, without a restart."""
    data = pathlib.Path(folder) / "start"
    data.mkdir()
    server = Server(binary, data)
    with running(server):
        server.ctl("app", "create", "--id", APP, "--name", "Bench")
        server.ctl("user", "create", USER, "--password", "bench-password")
        server.ctl("token", "issue", "--user", USER, "--app", APP, "--token", TOKEN)
    context = ssl.create_default_context(cafile=str(data / "ca.pem"))
    empty = rss_at_rest(server, context)
    with running(server):
        import_devices(server, 0, START_DEVICES)
    starts, cpu = zip(*(start_once(server, context) for _ in range(STARTS)))
    with running(server):
        dispatch(server, context)
        import_devices(server, START_DEVICES, OFFLINE_DEVICES - START_DEVICES)
        time.sleep(SETTLE_SECONDS)
        imported = server.rss()
    full = rss_at_rest(server, context)
    return {"start_ms": round(statistics.median(starts), 2), "start_ms_lowest": round(min(starts), 2),
            "start_ms_highest": round(max(starts), 2),
            "start_cpu_ms": round(statistics.median(cpu), 2), "devices": START_DEVICES,
            "bytes_each_offline": round((full - empty) / OFFLINE_DEVICES, 2),
            "bytes_each_imported": round((imported - empty) / OFFLINE_DEVICES, 2),
            "rss_kb_empty": empty // 1024, "rss_kb_full": full // 1024,
            "rss_kb_imported": imported // 1024}
