"""Clients that ask at a steady rate while processes are killed, and look whether each answer is their own."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.drills.field import OWN, SHARED
from tests.drills.wire import GONE, connected, post

CLIENTS = 12
WITHIN_S = 45.0
OK = b"200"


@dataclass
class Heard:
    """What clients were answered in full: request id to tokens of output, of the house's own engine 0; and the rest."""

    asked: int = 0
    finished: dict[str, int] = field(default_factory=dict[str, int])
    broken: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    hung: list[str] = field(default_factory=list[str])


class Asking:
    """Makes so many requests over so many seconds, of the vendor's model and of the house's own, whole and streamed."""

    def __init__(self, place: tuple[str, int], key: str, heard: Heard) -> None:
        self._place = place
        self._key = key
        self._heard = heard

    async def run(self, requests: int, seconds: float) -> None:
        """Ask; whatever breaks is noted, and asked no second time."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for client in range(CLIENTS):
                group.create_task(self._ask_in_turn(client, requests, began, seconds / requests))

    async def _ask_in_turn(self, client: int, requests: int, began: float, every_s: float) -> None:
        for number in range(client, requests, CLIENTS):
            await asyncio.sleep(max(0.0, began + number * every_s - time.monotonic()))
            await self._ask(f"drill-{number}", number)

    async def _ask(self, name: str, number: int) -> None:
        heard, tokens = self._heard, random.randint(1, 1000)  # noqa: S311 - no secret
        own, stream = number % 8 == 0, number % 3 == 0
        heard.asked += 1
        try:
            async with asyncio.timeout(WITHIN_S), connected(self._place) as line:
                await line.send(request(name, 4 if own else tokens, self._key, own=own, stream=stream))
                head, body = await line.whole_answer()
        except TimeoutError:
            heard.hung.append(name)
            return
        except GONE as error:
            heard.broken[type(error).__name__] += 1
            return
        if head[9:12] != OK or (b"[DONE]" if stream else b'"usage"') not in body:
            heard.broken[head[9:12].decode()] += 1
        elif not _is_own(name, head, body, own=own):
            heard.wrong.append(f"{name}: {body[:200]!r}")
        else:
            heard.finished[name] = 0 if own else tokens


def _is_own(name: str, head: bytes, body: bytes, *, own: bool) -> bool:
    return f"x-request-id: {name}\r\n".encode() in head and (own or f'"{name}"'.encode() in body)


def request(name: str, tokens: int, key: str, *, own: bool, stream: bool) -> bytes:
    """Return a request for an answer that consists of its name, where a vendor gives it."""
    prompt = "What is Tulou?" if own else f"drill:echo:{name}"
    messages = [{"role": "user", "content": prompt}]
    body = {"model": OWN if own else SHARED, "messages": messages, "max_tokens": tokens, "stream": stream}
    return post("/v1/chat/completions", json.dumps(body).encode(), key=key, more=f"x-request-id: {name}\r\n")
