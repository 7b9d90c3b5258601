"""A client on aiohttp that does on the wire what Home Assistant's SonoffLAN does in its cloud mode.

    sonofflan.py OPTIONS CALLS

OPTIONS: {"appid", "secret", "region"}; CALLS: [[NAME, ...WORDS], ...]. Prints what came of each
call as JSON: [{"value"} or {"error"}]. Every host is found at 127.0.0.1:$SWITCHYARD_TEST_PORT, or
at the port that $SWITCHYARD_TEST_PORTS has for its region ({"eu": 4711}), or, without the first of
the two, where the system finds it; names and certificate are checked as in the field, against the
CA in $SSL_CERT_FILE.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import sys
import time

import aiohttp
from aiohttp.abc import AbstractResolver

ANSWER_TIME = 5
PING_TIME = 90
API = {"cn": "https://cn-apia.coolkit.cn", "as": "https://as-apia.coolkit.cc",
       "us": "https://us-apia.coolkit.cc", "eu": "https://eu-apia.coolkit.cc"}
DISPATCH = {"cn": "https://cn-dispa.coolkit.cn", "as": "https://as-dispa.coolkit.cc",
            "us": "https://us-dispa.coolkit.cc", "eu": "https://eu-dispa.coolkit.cc"}
WRONG_REGION = 10004


class Here(AbstractResolver):
    """Finds every name at a server under test."""

    def __init__(self):
        self.port = int(os.environ["SWITCHYARD_TEST_PORT"])
        self.ports = json.loads(os.environ["SWITCHYARD_TEST_PORTS"])

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [{"hostname": host, "host": "127.0.0.1",
                 "port": self.ports.get(host.split("-")[0], self.port), "family": socket.AF_INET,
                 "proto": 0, "flags": socket.AI_NUMERICHOST}]

    async def close(self):
        pass


class Cloud:
    """One account: its tokens, its socket and the answers that calls wait for."""

    def __init__(self, session, options):
        self.session = session
        self.appid = options["appid"]
        self.secret = options.get("secret", "")
        self.region = options.get("region", "eu")
        self.at = options.get("at")
        self.apikey = options.get("apikey")
        self.socket = None
        self.online = None
        self.reader = None
        self.answers = {}
        self.pushes = asyncio.Queue()
        self.pongs = asyncio.Queue()
        self.sequence = int(time.time() * 1000)

    def sign(self, body):
        digest = hmac.new(self.secret.encode(), body, hashlib.sha256).digest()
        return "Sign " + base64.b64encode(digest).decode()

    async def post_login(self, account, password, country):
        kind = "email" if "@" in account else "phoneNumber"
        body = json.dumps({kind: account, "password": password, "countryCode": country}).encode()
        headers = {"Authorization": self.sign(body), "Content-Type": "application/json",
                   "X-CK-Appid": self.appid}
        url = API[self.region] + "/v2/user/login"
        async with self.session.post(url, data=body, headers=headers, timeout=30) as answer:
            return await answer.json()

    async def login(self, account, password, country="+1"):
        """The answer, and where it was given after one wrong region was corrected."""
        answer = await self.post_login(account, password, country)
        if answer["error"] == WRONG_REGION:
            self.region = answer["data"]["region"]
            answer = await self.post_login(account, password, country)
        if answer["error"] == 0:
            self.at = answer["data"]["at"]
            self.apikey = answer["data"]["user"]["apikey"]
        return {"region": self.region, **answer}

    async def get(self, path, params=None):
        headers = {"Authorization": f"Bearer {self.at}"}
        url = API[self.region] + path
        async with self.session.get(url, params=params, headers=headers, timeout=30) as answer:
            return await answer.json()

    async def profile(self):
        return await self.get("/v2/user/profile")

    async def homes(self):
        return await self.get("/v2/family")

    async def devices(self):
        """Those of each home that have a device's id."""
        found = []
        for home in (await self.homes())["data"]["familyList"]:
            answer = await self.get("/v2/device/thing", {"num": 0, "familyid": home["id"]})
            found += [thing["itemData"] for thing in answer["data"]["thingList"]
                      if "deviceid" in thing["itemData"]]
        return found

    async def dispatch(self):
        headers = {"Authorization": f"Bearer {self.at}"}
        url = DISPATCH[self.region] + "/dispatch/app"
        async with self.session.get(url, headers=headers) as answer:
            return await answer.json()

    async def connect(self):
        """Whether the handshake was taken; its answer is the first message."""
        where = await self.dispatch()
        url = f"wss://{where['domain']}:{where['port']}/api/ws"
        self.socket = await self.session.ws_connect(url, heartbeat=PING_TIME)
        now = time.time()
        await self.socket.send_json({
            "action": "userOnline", "at": self.at, "apikey": self.apikey, "appid": self.appid,
            "nonce": str(int(now / 100)), "ts": int(now), "userAgent": "app",
            "sequence": str(int(now * 1000)), "version": 8})
        self.online = json.loads((await self.socket.receive(timeout=ANSWER_TIME)).data)
        if self.online.get("error", 0) == 0:
            self.reader = asyncio.create_task(self.read())
        return {"where": where, "online": self.online}

    async def read(self):
        async for message in self.socket:
            if message.type != aiohttp.WSMsgType.TEXT:
                continue
            if message.data == "pong":
                self.pongs.put_nowait("pong")
                continue
            data = json.loads(message.data)
            if "action" in data:
                self.pushes.put_nowait(data)
            elif data.get("sequence") in self.answers:
                self.answers[data["sequence"]].set_result(data)

    async def ask(self, message):
        """The answer with the same sequence, a text, within five seconds."""
        self.sequence += 1
        sequence = str(self.sequence)
        answer = self.answers[sequence] = asyncio.get_running_loop().create_future()
        try:
            await self.socket.send_json({**message, "sequence": sequence})
            return await asyncio.wait_for(answer, ANSWER_TIME)
        except asyncio.TimeoutError:
            return "timeout"
        finally:
            del self.answers[sequence]

    async def update(self, device, params, owner=None):
        return await self.ask({
            "action": "update", "apikey": owner or self.apikey, "selfApikey": self.apikey,
            "deviceid": device, "params": params, "userAgent": "app"})

    async def query(self, device, owner=None):
        return await self.ask({
            "action": "query", "apikey": owner or self.apikey, "selfApikey": self.apikey,
            "deviceid": device, "params": [], "userAgent": "app"})

    async def ping(self):
        """A ping of each kind; the library fails the socket when its own is not answered."""
        await self.socket.ping()
        await self.socket.send_str("ping")
        return await asyncio.wait_for(self.pongs.get(), ANSWER_TIME)

    async def hears(self):
        return await asyncio.wait_for(self.pushes.get(), ANSWER_TIME)

    async def post_status(self, device, params):
        """What it falls back to where the socket is not there."""
        headers = {"Authorization": f"Bearer {self.at}"}
        body = {"type": 1, "id": device, "params": params}
        url = API[self.region] + "/v2/device/thing/status"
        async with self.session.post(url, json=body, headers=headers) as answer:
            return await answer.json()

    async def close(self):
        if self.socket is not None:
            await self.socket.close()
        if self.reader is not None:
            await self.reader


async def outcome(call):
    try:
        return {"value": await call}
    except Exception as error:  # whatever it is, the test is told
        return {"error": f"{type(error).__name__}: {error}"}


async def play(options, calls):
    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    is_led = "SWITCHYARD_TEST_PORT" in os.environ
    connector = aiohttp.TCPConnector(resolver=Here() if is_led else None, ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:
        cloud = Cloud(session, options)
        outcomes = [await outcome(getattr(cloud, name)(*words)) for name, *words in calls]
        await cloud.close()
    return outcomes


if __name__ == "__main__":
    print(json.dumps(asyncio.run(play(*map(json.loads, sys.argv[1:])))))
