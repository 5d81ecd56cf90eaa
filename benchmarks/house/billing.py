"""Is every finished request billed, and none twice, whatever is killed? A whole house under load and kill -9.

`python -m benchmarks.house.billing [--requests 100000] [--every 2.0]`. Gateways and control are killed in turn while
clients ask; each client remembers what it was answered in full. Then the ledger is held against that: ends with 1 when
an answer is missing in it, is there twice, or with other counts or another cost.
"""

import argparse
import asyncio
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import msgspec

from benchmarks.house.vendor import INPUT
from tests.system.house import House, until

MODEL = "metered"
PRICE = {"input": 2.0, "output": 10.0}
"""Money a million tokens: so a request costs 2 x input + 10 x output millionths."""
CLIENTS = 32
QUIET_S = 60.0
PAGE = 500


@dataclass
class Seen:
    """What clients were answered in full: request id to output tokens; and what went otherwise."""

    finished: dict[str, int] = field(default_factory=dict[str, int])
    broken: Counter[str] = field(default_factory=Counter[str])
    asked: int = 0


class Client:
    """Asks over a connection of its own, and opens another whenever that breaks."""

    def __init__(self, host: str, port: int, key: str, seen: Seen) -> None:
        self._where = (host, port)
        self._key = key
        self._seen = seen

    async def run(self, goal: int) -> None:
        """Ask until so many requests of all clients have finished."""
        while len(self._seen.finished) < goal:
            try:
                reader, writer = await asyncio.open_connection(*self._where)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            try:
                while len(self._seen.finished) < goal:
                    async with asyncio.timeout(30):
                        await self._ask(reader, writer)
            except (OSError, EOFError, TimeoutError) as error:
                self._seen.broken[type(error).__name__] += 1
            finally:
                writer.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = self._seen
        seen.asked += 1
        name, tokens, stream = f"drill-{seen.asked}", random.randint(1, 1000), seen.asked % 3 == 0  # noqa: S311 - no secret
        writer.write(_request(name, tokens, self._key, stream=stream))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length: " in head:
            length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
            body = await reader.readexactly(length)
        else:
            body = await reader.readuntil(b"0\r\n\r\n")
        whole = b"[DONE]" in body if stream else b'"usage"' in body
        if head[9:12] == b"200" and whole:
            seen.finished[name] = tokens
        else:
            seen.broken[head[9:12].decode()] += 1


def _request(name: str, tokens: int, key: str, *, stream: bool) -> bytes:
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "max_tokens": tokens, "stream": stream}
    body = msgspec.json.encode(asked)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nx-request-id: {name}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


async def load(house: House, key: str, goal: int, every_s: float, seen: Seen) -> int:
    """Ask and kill until enough has finished; return how many were killed."""
    host, port = house.url.removeprefix("http://").split(":")
    asking = [asyncio.create_task(Client(host, int(port), key, seen).run(goal)) for _ in range(CLIENTS)]
    killed = 0
    while not all(task.done() for task in asking):
        await asyncio.wait(asking, timeout=every_s)
        if all(task.done() for task in asking):
            break
        with suppress(StopIteration, IndexError):  # the victim of the last round is not back yet
            (house.control() if killed % 3 == 2 else house.gateways()[killed % 3]).kill()  # noqa: PLR2004 - of three
            killed += 1
        print(f"{len(seen.finished):10,} finished, {killed} killed", flush=True)
    await asyncio.gather(*asking)
    return killed


def ledger(house: House) -> dict[str, list[dict[str, Any]]]:
    """Return the ledger's entries by request id, once they are complete: nothing new for a while."""
    with httpx2.Client(base_url=house.url, headers={"authorization": f"Bearer {house.key}"}, timeout=60) as http:
        entries: dict[str, list[dict[str, Any]]] = {}
        before, quiet_since = -1, time.monotonic()
        give_up = time.monotonic() + QUIET_S
        while time.monotonic() - quiet_since < 5 and time.monotonic() < give_up:  # noqa: PLR2004 - seconds
            entries = _read(http)
            if len(entries) != before:
                before, quiet_since = len(entries), time.monotonic()
        return entries


def _read(http: httpx2.Client) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    after = ""
    while True:
        page = http.get("/api/v1/ledger", params={"limit": PAGE, "after": after}).raise_for_status().json()
        for entry in page["items"]:
            found.setdefault(entry["request_id"], []).append(entry)
        after = page["next"] or ""
        if not after:
            return found


def judge(seen: Seen, entries: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Say what is not as it should be."""
    troubles: list[str] = []
    for name, tokens in seen.finished.items():
        billed = [entry for entry in entries.get(name, []) if entry["status"] == 200]  # noqa: PLR2004 - HTTP's OK
        if len(billed) != 1:
            troubles.append(f"{name} is billed {len(billed)} times")
            continue
        units, cost = billed[0]["units"], round(PRICE["input"] * INPUT + PRICE["output"] * tokens)
        if (units["input"], units["output"], billed[0]["cost"]) != (INPUT, tokens, cost):
            troubles.append(f"{name} used {INPUT}+{tokens} for {cost}, billed {units} for {billed[0]['cost']}")
    return troubles


@contextmanager
def vendor() -> Generator[str]:
    """Run the vendor, and yield its base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("vendor.py")), str(port)])
    try:
        until(lambda: _listens(port), what="the vendor")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def furnish(house: House, url: str) -> str:
    """Give the house a model with a price; return a key."""
    with httpx2.Client(base_url=f"{house.url}/api/v1", headers={"authorization": f"Bearer {house.key}"}) as http:
        spec = {"name": MODEL, "engine": "remote", "upstreams": [{"base_url": url, "model": "m"}]}
        http.post("/deployments", json=spec).raise_for_status()
        http.put("/prices", json={"model": MODEL, **PRICE}).raise_for_status()
        key = str(http.post("/keys", json={"name": "drill"}).raise_for_status().json()["secret"])
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    with httpx2.Client(base_url=house.url, headers={"authorization": f"Bearer {key}"}) as http:
        until(lambda: http.post("/v1/chat/completions", json=asked).is_success, what="an answer")
    return key


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between kills")
    asked = parser.parse_args()
    environment = {"TULOU_HOUSE__DEMO": "false", "TULOU_HOUSE__GATEWAYS": "2"}
    with TemporaryDirectory() as made, vendor() as url, House(Path(made) / "var", environment=environment) as house:
        key, seen, began = furnish(house, url), Seen(), time.monotonic()
        killed = asyncio.run(load(house, key, asked.requests, asked.every, seen))
        took = time.monotonic() - began
        entries = ledger(house)
        troubles = judge(seen, entries)
    print(f"{len(seen.finished):,} finished of {seen.asked:,} asked in {took:.0f} s, {killed} processes killed")
    print(f"broken off: {dict(seen.broken)}; entries in the ledger: {sum(map(len, entries.values())):,}")
    print("\n".join(troubles[:20]) or "every finished request is billed once, with the right counts and cost")
    sys.exit(1 if troubles else 0)


if __name__ == "__main__":
    main()
