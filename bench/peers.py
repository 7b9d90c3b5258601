"""The servers that are measured: Switchyard, nginx and the echo server, each on one core."""

import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time

START_SECONDS = 20
CIPHER = "TLS_AES_128_GCM_SHA256"


def cores():
    return sorted(os.sched_getaffinity(0))


def server_core():
    return cores()[0]


def load_core():
    """The generator's core: the server's own only where there is no other."""
    return cores()[-1]


def pin(core):
    return lambda: os.sched_setaffinity(0, {core})


def rss_kb(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    raise RuntimeError(f"no Rss in /proc/{pid}/smaps_rollup")


def wait_for(what, probe):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        got = probe()
        if got:
            return got
        time.sleep(0.02)
    raise RuntimeError(f"{what} did not start within {START_SECONDS} s")


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tls_of(port):
    """What is negotiated with a client that offers everything: to compare like with like."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as plain:
        with context.wrap_socket(plain) as link:
            return f"{link.version()} {link.cipher()[0]}"


class Peer:
    """A process of ours, ended by its id when the with block ends."""

    name = "?"
    process = None
    port = 0

    def start(self, command, **more):
        self.process = subprocess.Popen(command, preexec_fn=pin(server_core()), **more)

    def pid(self):
        return self.process.pid

    def is_alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with status {self.process.returncode}")
        return True

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Switchyard(Peer):
    name = "switchyard"

    def __init__(self, binary, data, log):
        self.binary = binary
        self.data = pathlib.Path(data)
        self.log = log

    def open(self):
        # Relative: the path of a Unix socket is short, a temporary directory's may not be.
        ports = self.data / "ports.json"
        ports.unlink(missing_ok=True)
        self.start(
            [self.binary, "serve", "--data", self.data.name, "--workers", "1",
             "--listen-tls", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
             # Each dispatch answer reserves a place; the load never takes the places up.
             "--node-capacity", "10000000"],
            cwd=self.data.parent, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        wait_for(self.name, lambda: self.is_alive() and ports.exists())
        self.port = next(each["port"] for each in json.loads(ports.read_text())["listeners"]
                         if each["kind"] == "tls")
        wait_for(self.name, lambda: is_listening(self.port))

    def ctl(self, *words):
        done = subprocess.run(
            [self.binary, "ctl", *words], cwd=self.data.parent, capture_output=True, text=True,
            env={**os.environ, "SWITCHYARD_CONTROL": f"{self.data.name}/control.sock"})
        if done.returncode != 0:
            raise RuntimeError(f"switchyard ctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def chain(self):
        return self.data / "server-ecdsa.pem"

    def key(self):
        return self.data / "server-ecdsa.key"


class Echo(Peer):
    name = "echo"

    def __init__(self, binary, chain, key, log):
        self.command = [binary, chain, key]
        self.log = log

    def open(self):
        self.start(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = int(self.process.stdout.readline() or 0)
        wait_for(self.name, lambda: self.is_alive() and is_listening(self.port))


NGINX = """daemon off;
{user}worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{port} ssl backlog=1024;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites {cipher};
        ssl_ecdh_curve X25519;
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx(Peer):
    """Answers every request with a constant; `answer` holds no quote of its own kind."""

    name = "nginx"

    def __init__(self, folder, chain, key, answer):
        self.folder = pathlib.Path(folder)
        self.certificate = (chain, key)
        self.answer = answer

    def open(self):
        self.port = free_port()
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(
            folder=self.folder, port=self.port, chain=self.certificate[0],
            key=self.certificate[1], answer=self.answer, cipher=CIPHER,
            user="user root;\n" if os.getuid() == 0 else ""))
        self.start(["nginx", "-p", str(self.folder), "-c", str(config)],
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        wait_for(self.name, lambda: self.is_alive() and is_listening(self.port))
        self.worker = wait_for(self.name, self.children)[0]

    def children(self):
        pid = self.process.pid
        return [int(word) for word in
                pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def pid(self):
        return self.worker
