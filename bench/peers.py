"""The servers that are measured: Switchyard and its peers, each a process of ours on its own core."""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
START_SECONDS = 20
PR_SET_PDEATHSIG = 1
CORES_FOR_TWO = 4  # two for two workers, two for the load
CIPHER = "TLS_AES_128_GCM_SHA256"
CIPHER_OLD = "ECDHE-ECDSA-AES128-GCM-SHA256"  # the same one of TLS 1.2
DAEMON_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


class Failure(RuntimeError):
    """A server or the load broke off; the text says which, and why."""


def cores():
    return sorted(os.sched_getaffinity(0))


def server_cores(workers=1):
    return cores()[:workers]


def load_cores(workers=1):
    """The generator's: what the server leaves, or all where it leaves nothing."""
    return cores()[workers:] or cores()


LIBC = ctypes.CDLL(None, use_errno=True)


def settled(on_cores):
    """For a child: it stays on these cores, and ends when the bench does, however that ends."""
    def settle():
        os.sched_setaffinity(0, on_cores)
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return settle


def find_daemon(name):
    return shutil.which(name, path=DAEMON_PATH)


def first_line(*command):
    """What a program says of itself, for the report."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
    except OSError:
        return "unknown"
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"


def rss_kb(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    raise Failure(f"no Rss in /proc/{pid}/smaps_rollup")


def wait_for(what, probe):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        got = probe()
        if got:
            return got
        time.sleep(0.02)
    raise Failure(f"{what} did not start within {START_SECONDS} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


class Setting:
    """What all servers of a run share: where they may write, and whose certificate they show."""

    def __init__(self, build, folder, log):
        self.build = build
        self.binary = build / "src/server/switchyard"
        self.folder = folder
        self.log = log
        self.data = folder / "data"
        self.chain = self.data / "server-ecdsa.pem"
        self.key = self.data / "server-ecdsa.key"
        self.answer = "{}"  # what nginx repeats: once there is one, a real answer of dispatch


class Peer:
    """A process of ours, ended by its id when the with block ends."""

    name = "?"
    speaks = "switchyard"
    process = None
    port = 0

    def __init__(self, setting):
        self.setting = setting

    @classmethod
    def is_installed(cls):
        return True

    @classmethod
    def version(cls):
        return ""

    def start(self, command, workers=1, **more):
        more = {"stdin": subprocess.DEVNULL, "stderr": self.setting.log, **more}
        self.process = subprocess.Popen([str(word) for word in command],
                                        preexec_fn=settled(server_cores(workers)), **more)

    def start_on_port(self):
        """Waits until the port is open on which the process was told to listen."""
        wait_for(self.name, lambda: self.is_alive() and is_listening(self.port))

    def start_and_read_port(self, command):
        self.start(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline() or 0)
        self.start_on_port()

    def pid(self):
        return self.process.pid

    def is_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.name} ended with status {self.process.returncode}")
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
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Switchyard(Peer):
    name = "switchyard"

    def __init__(self, setting, workers=1):
        super().__init__(setting)
        self.workers = workers

    def open(self):
        # Relative: the path of a Unix socket is short, a temporary directory's may not be.
        data = self.setting.data
        ports = data / "ports.json"
        ports.unlink(missing_ok=True)
        self.start(
            [self.setting.binary, "serve", "--data", data.name, "--workers", self.workers,
             "--listen-tls", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
             # Each dispatch answer reserves a place; the load never takes the places up.
             "--node-capacity", "10000000",
             # Few links make all the load.
             "--limits-messages-per-second", "0"],
            workers=self.workers, cwd=data.parent, stdout=self.setting.log)
        wait_for(self.name, lambda: self.is_alive() and ports.exists())
        listeners = {each["kind"]: each["port"]
                     for each in json.loads(ports.read_text())["listeners"]}
        self.port, self.admin_port = listeners["tls"], listeners["admin"]
        self.start_on_port()

    def ctl(self, *words):
        data = self.setting.data
        done = subprocess.run(
            [self.setting.binary, "ctl", *words], cwd=data.parent, capture_output=True, text=True,
            env={**os.environ, "SWITCHYARD_CONTROL": f"{data.name}/control.sock"}, check=False)
        if done.returncode != 0:
            raise Failure(f"switchyard ctl {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout


class Echo(Peer):
    """The yardstick: epoll and one tuned OpenSSL object a link, no protocol (bench/echo.c)."""

    name = "echo"
    speaks = "echo"

    def open(self):
        self.start_and_read_port([self.setting.build / "bench/switchyard-echo", self.setting.chain,
                                  self.setting.key])


NGINX = """daemon off;
{user}worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
events {{ worker_connections 16384; }}
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
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_ciphers {cipher_old};
        ssl_conf_command Ciphersuites {cipher};
        ssl_ecdh_curve X25519;
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


class Nginx(Peer):
    """Answers every request with a constant; it resumes by tickets, which is its default."""

    name = "nginx"

    @classmethod
    def is_installed(cls):
        return find_daemon("nginx") is not None

    @classmethod
    def version(cls):
        return first_line(find_daemon("nginx"), "-v").replace("nginx version: ", "")

    def open(self):
        self.port = free_port()
        setting = self.setting
        config = setting.folder / "nginx.conf"
        config.write_text(NGINX.format(
            folder=setting.folder, port=self.port, chain=setting.chain, key=setting.key,
            answer=setting.answer, cipher=CIPHER, cipher_old=CIPHER_OLD,
            user="user root;\n" if os.getuid() == 0 else ""))
        self.start([find_daemon("nginx"), "-p", setting.folder, "-c", config],
                   stderr=subprocess.DEVNULL)
        self.start_on_port()
        self.worker = wait_for(self.name, self.children)[0]

    def children(self):
        pid = self.process.pid
        return [int(word) for word in
                pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def pid(self):
        return self.worker


MOSQUITTO = """listener {port} 127.0.0.1
protocol websockets
certfile {chain}
keyfile {key}
tls_version tlsv1.3
ciphers_tls1.3 {cipher}
# It gives up when all its listeners are WebSockets, so there is one more that nobody uses.
listener 0 {folder}/mosquitto.sock
allow_anonymous true
persistence false
max_queued_messages 0
set_tcp_nodelay true
log_type error
{user}"""


class Mosquitto(Peer):
    """An MQTT broker over wss: commands and their answers are messages on topics."""

    name = "mosquitto"
    speaks = "mqtt"

    @classmethod
    def is_installed(cls):
        return find_daemon("mosquitto") is not None

    @classmethod
    def version(cls):
        return first_line(find_daemon("mosquitto"), "-h").replace(" version ", "/")

    def open(self):
        self.port = free_port()
        setting = self.setting
        config = setting.folder / "mosquitto.conf"
        config.write_text(MOSQUITTO.format(
            folder=setting.folder, port=self.port, chain=setting.chain, key=setting.key,
            cipher=CIPHER, user="user root\n" if os.getuid() == 0 else ""))
        self.start([find_daemon("mosquitto"), "-c", config])
        self.start_on_port()


class Node(Peer):
    """A server of the protocol as the small open replacements are written (bench/ws_server.mjs)."""

    name = "node"

    @classmethod
    def is_installed(cls):
        return (shutil.which("node") is not None
                and (ROOT / "tests/e2e/node_modules/ws/package.json").exists())

    @classmethod
    def version(cls):
        package = json.loads((ROOT / "tests/e2e/node_modules/ws/package.json").read_text())
        return f"node/{first_line('node', '--version').lstrip('v')} with ws/{package['version']}"

    def open(self):
        self.start_and_read_port(["node", ROOT / "bench/ws_server.mjs", self.setting.chain,
                                  self.setting.key])


PEERS = {each.name: each for each in (Switchyard, Echo, Nginx, Node, Mosquitto)}
