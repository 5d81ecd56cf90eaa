"""Sends the requests, one after the other, and tells what came of each in a line.

`python -m tests.guards.ledger.replay` writes those lines down.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import msgspec
from structlog.testing import capture_logs

from tests.guards import golden
from tests.guards.ledger.canned import PATHS
from tests.guards.ledger.requests import Asked, requests
from tests.guards.ledger.vendor import Vendor
from tests.guards.ledger.world import KEYS, LIMITS, world
from tulou.contracts.metering.messages import Entry
from tulou.http.server.server import serving
from tulou.services.gateway.http.arrival import ON_BEHALF_OF
from tulou.services.gateway.tests.gate import TOKEN, RunningGate, gate
from tulou.testing.clock import ManualClock
from tulou.testing.eventually import eventually

GOLDEN = "ledger.txt"
ENDINGS = (b'"code":"', b'"error":{"type":"', b'"finish_reason":"', b'"stop_reason":"', b'"status":"')
LEFT = "left"
"""What a client has for an answer that it did not wait for."""


async def replayed(directory: Path) -> golden.Facts:
    """Return what the gate answered, wrote down and counted."""
    vendor = Vendor()
    answers: dict[str, str] = {}
    with capture_logs():  # a vendor that breaks off is logged with its trace
        async with (
            serving(vendor.app, drain_s=0.1) as url,
            gate(directory, world(url), clock=ManualClock()) as running,
        ):
            running.allowances.left |= {name: left for name, (_, left) in LIMITS.items()}
            for asked in requests():
                answers[asked.id] = await _ask(running, vendor, asked)
        entries = list(running.metering.entries.values())
    facts = {f"{asked.id} {asked.endpoint}": answers[asked.id] for asked in requests()}
    facts |= dict(_lines(entries))
    return facts | {f"limit {name}": str(used) for name, used in running.allowances.used.items()}


async def _ask(running: RunningGate, vendor: Vendor, asked: Asked) -> str:
    headers = {"x-request-id": asked.id}
    if asked.batch and asked.key in KEYS:
        headers |= {"authorization": f"Bearer {TOKEN}", ON_BEHALF_OF.decode(): KEYS[asked.key].key}
    elif asked.key:
        headers["authorization"] = f"Bearer {asked.key}"
    vendor.came.clear()
    work = asyncio.create_task(_answer(running, asked, headers))
    if not asked.leaves or asked.stream:
        return await work
    held = asyncio.create_task(vendor.came.wait())
    await asyncio.wait((work, held), return_when=asyncio.FIRST_COMPLETED)
    held.cancel()
    if work.done():
        return work.result()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    await _noted(running, asked)
    return LEFT


async def _answer(running: RunningGate, asked: Asked, headers: Mapping[str, str]) -> str:
    path = PATHS[asked.endpoint]
    async with running.http.stream("POST", path, json=asked.body, headers=headers) as reply:
        if asked.leaves and reply.status_code == 200:
            return await _leave(running, asked, reply)
        body = await reply.aread()
        return f"{reply.status_code} {_ending(body)}"


async def _leave(running: RunningGate, asked: Asked, reply: httpx2.Response) -> str:
    """Read until the second piece has come, and go."""
    seen = b""
    async for piece in reply.aiter_raw():
        seen += piece
        if seen.count(b"on and on") == 2:
            break
    await reply.aclose()
    await _noted(running, asked)
    return LEFT


async def _noted(running: RunningGate, asked: Asked) -> None:
    """Wait until the ledger has the end of a request whose client did not wait for it."""
    await eventually(lambda: any(one.request_id == asked.id and one.final for one in running.metering.entries.values()))


def _ending(body: bytes) -> str:
    """Return how an answer ends: the code or the type of its error, else why it stopped."""
    for mark in ENDINGS:
        place = body.rfind(mark)
        if place >= 0:
            return body[place + len(mark) :].partition(b'"')[0].decode()
    return "answer" if body else "nothing"


def _lines(entries: list[Entry]) -> Iterator[tuple[str, str]]:
    """Yield a line an entry: what does not hold for another run (times, ids) is left out."""
    seen = Counter[str]()
    for entry in entries:
        seen[entry.request_id] += 1
        units = {name: count for name, count in msgspec.to_builtins(entry.units).items() if count}
        who = f"{entry.tenant}/{entry.project}/{entry.principal}/{entry.key}"
        by = f"{entry.served_by}/{entry.deployment}/{entry.provider}/{entry.upstream_model}"
        marks = [
            *(name for name in ("stream", "batch") if getattr(entry, name)),
            *(["in vain"] if not entry.final else []),
            *([f"refused by {entry.refused_by}"] if entry.refused_by else []),
        ]
        used = " ".join(f"{name}={count}" for name, count in units.items())
        told = (
            f"{who} {entry.model} {entry.status} {entry.code or '-'} by {by}",
            f"attempt {entry.attempt} {entry.counted} {used}",
            f"cost={entry.cost} {entry.priced_by or '-'} v{entry.price} {' '.join(marks)}",
        )
        yield f"{entry.request_id} {entry.endpoint} entry {seen[entry.request_id]}", " ".join(" ".join(told).split())


def main() -> None:
    """Write the golden file."""
    with TemporaryDirectory() as made:
        golden.write(GOLDEN, asyncio.run(replayed(Path(made))))


if __name__ == "__main__":
    main()
