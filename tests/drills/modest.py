"""The modest tenant: a few requests a second, as any small application would make them, each on a fresh connection.

`python -m tests.drills.modest GATE KEY ADMIN-KEY` prints one line of JSON a request. It is a process of its own, so
that what the attacker does to itself is not measured here.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.drills.field import OWN, SHARED
from tests.drills.wire import Line, connected, head, post

EVERY_S = 0.25
"""Of each kind of request there are so many seconds between two."""
WITHIN_S = 20.0

Made = Callable[[str, str], bytes]


def chat(model: str, *, stream: bool = False) -> Made:
    """Return what makes a request for an answer of four tokens."""
    messages = [{"role": "user", "content": "What is Tulou?"}]
    body = json.dumps({"model": model, "messages": messages, "max_tokens": 4, "stream": stream}).encode()
    return lambda key, _: post("/v1/chat/completions", body, key=key)


KINDS: dict[str, Made] = {
    "chat": chat(SHARED),
    "stream": chat(SHARED, stream=True),
    "engine": chat(OWN),
    "administration": lambda _, admin: head("GET", "/api/v1/keys?limit=5", key=admin),
}
WHOLE = {"chat": b'"usage"', "stream": b"[DONE]", "engine": b'"usage"', "administration": b'"items"'}


async def ask(kind: str, place: tuple[str, int], request: bytes) -> str:
    """Ask once; return what went wrong, or nothing."""
    try:
        async with asyncio.timeout(WITHIN_S), connected(place) as line:
            return await _answered(kind, line, request)
    except TimeoutError:
        return f"no answer within {WITHIN_S:.0f} s"
    except (OSError, EOFError, ValueError) as error:
        return repr(error)


async def _answered(kind: str, line: Line, request: bytes) -> str:
    await line.send(request)
    status, body = await line.answer()
    whole = status == 200 and WHOLE[kind] in body
    return "" if whole else f"{status} {body[:200].decode(errors='replace')}"


async def go_on(kind: str, place: tuple[str, int], request: bytes) -> None:
    """Ask at a steady rate, whatever comes of it."""
    while True:
        began = time.time()
        trouble = await ask(kind, place, request)
        ended = time.time()
        line = json.dumps({"began": began, "ended": ended, "kind": kind, "trouble": trouble})
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        await asyncio.sleep(max(0.0, began + EVERY_S - ended))


async def main(gate: str, key: str, admin: str) -> None:
    """Ask for ever."""
    parts = urlsplit(gate)
    assert parts.hostname is not None
    assert parts.port is not None
    async with asyncio.TaskGroup() as group:
        for kind, made in KINDS.items():
            group.create_task(go_on(kind, (parts.hostname, parts.port), made(key, admin)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
