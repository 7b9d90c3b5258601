"""What is measured: the words for it, the peers it has, and the figures that are told of it."""

from typing import NamedTuple

CPU = ("cpu_us", "us CPU")
KERNEL = ("system_us", "us of it kernel")
RATE = ("per_second", "a second")
RESUMED = ("resumed_share", "of them resumed")
MEMORY = ("rss_kb_each", "KB")


class Measure(NamedTuple):
    name: str
    title: str
    peers: tuple  # besides Switchyard
    shown: tuple  # (figure, unit)
    is_curve: bool = False  # the table then tells its last point


MEASURES = (
    Measure("dispatch", "Dispatch, kept-alive TLS", ("nginx", "node"), (CPU, KERNEL, RATE)),
    Measure("dispatch-new", "Dispatch, new TLS 1.3 connection each", ("nginx", "node"),
            (CPU, KERNEL, RATE)),
    Measure("dispatch-resumed", "Dispatch, resumed TLS 1.3", ("nginx", "node"),
            (CPU, KERNEL, RESUMED, RATE)),
    Measure("dispatch-resumed-old", "Dispatch, resumed TLS 1.2", ("nginx", "node"),
            (CPU, KERNEL, RESUMED, RATE)),
    Measure("connect", "Connect: TLS 1.3, upgrade, register", ("echo", "node", "mosquitto"),
            (CPU, KERNEL, RATE)),
    Measure("connect-resumed", "Connect, resumed", ("echo", "node", "mosquitto"),
            (CPU, KERNEL, RESUMED, RATE)),
    Measure("commands", "Command app-device-ack-app", ("echo", "node", "mosquitto"),
            (CPU, KERNEL, RATE)),
    Measure("idle", "Idle wss link of a device", ("echo", "node", "mosquitto"), (MEMORY,), True),
    Measure("idle-apps", "Idle wss link of an app", (), (MEMORY,), True),
    Measure("links", "Command, with so many links taking part", ("echo",), (CPU, RATE), True),
    Measure("sizes", "Command with params of so many bytes", ("echo", "node", "mosquitto"),
            (CPU, RATE), True),
    Measure("workers", "Command, with so many workers", (), (CPU, RATE), True),
    Measure("pong", "Pong under commands, a reconnect storm and garbage", ("node",),
            (("latency_us_p50", "us p50"), ("latency_us_p99", "us p99"),
             ("latency_us_p999", "us p99.9"), ("latency_us_max", "us at most"))),
    Measure("storm", "A fleet reconnects at once, a link", ("echo", "node"), (CPU, RATE)),
    Measure("storm-resumed", "A fleet reconnects at once, resumed", ("echo", "node"),
            (CPU, RESUMED, RATE)),
    Measure("mixed", "Mixed life of a fleet, an operation", ("node",),
            (CPU, ("parts_commands_latency_us_p99", "us p99 of a command"),
             ("parts_ping_latency_us_p999", "us p99.9 of a pong"))),
    Measure("start", "Start with 100,000 devices, to the first answered dispatch", (),
            (("start_ms", "ms"),)),
    Measure("offline", "A device that is offline", (), (("bytes_each", "bytes"),)),
)

BY_NAME = {measure.name: measure for measure in MEASURES}
PEERS = ("switchyard", "echo", "nginx", "node", "mosquitto")
TITLES = {"switchyard": "Switchyard", "echo": "echo (OpenSSL)", "nginx": "nginx",
          "node": "Node ws", "mosquitto": "mosquitto"}
