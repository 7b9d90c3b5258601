"""What the load finds in the store: an app, users with a token each, and devices that they own."""

import json
import socket
import ssl
import time

import peers

APP = "benchBENCHbenchBENCHbenchBENCH00"
TOKEN = "bench-token-"
KEY = "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
FIRST_ID = 0x1000000000
HOUSEHOLDS = 64
FIRST_ID_OF_HOUSEHOLDS = 0x1000100000  # their devices: many of each
FIRST_ID_OF_LARGE = 0x1000200000  # pairs again; their params become large, and stay it


def import_devices(server, first, devices, users):
    """Device i is of user i modulo `users`."""
    table = server.setting.folder / "devices.csv"
    with open(table, "w", encoding="ascii") as out:
        out.write("deviceid,key,owner\n")
        for i in range(devices):
            out.write(f"{first + i:x},{KEY},bench{i % users}@example.com\n")
    server.ctl("device", "import", str(table))


def fill(server, users, devices):
    """So many devices that make pairs with users or just register, and as many of households."""
    server.ctl("app", "create", "--id", APP, "--name", "Bench")
    for i in range(users):
        user = f"bench{i}@example.com"
        server.ctl("user", "create", user, "--password", "bench-password")
        server.ctl("token", "issue", "--user", user, "--app", APP, "--token", f"{TOKEN}{i}")
    import_devices(server, FIRST_ID, devices, users)
    import_devices(server, FIRST_ID_OF_HOUSEHOLDS, devices, HOUSEHOLDS)
    import_devices(server, FIRST_ID_OF_LARGE, users, users)


def dispatch_answer(server):
    """One real answer, for nginx to repeat."""
    body = json.dumps({"accept": "ws", "version": 8, "appid": APP, "ts": int(time.time()),
                       "nonce": "a1b2c3d4"})
    context = ssl.create_default_context(cafile=str(server.setting.data / "ca.pem"))
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as link:
            link.sendall(f"POST /dispatch/app HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                         f"Authorization: Bearer {TOKEN}0\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            reply = b"".join(iter(lambda: link.recv(65536), b"")).decode()
    answer = reply.partition("\r\n\r\n")[2]
    if json.loads(answer)["error"] != 0:
        raise peers.Failure(f"dispatch answered {answer}")
    return answer
