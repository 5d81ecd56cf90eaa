"""A streaming client that costs little: it counts events and clocks the first, and parses nothing."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to ask, as whom, for which model."""

    name: str
    url: str
    key: str
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One stream: seconds to its first token, seconds in all, and how many tokens came."""

    first_s: float
    total_s: float
    tokens: int


async def ask(target: Target, prompt: str, max_tokens: int) -> Answer:
    """Stream one answer on a connection of its own; raise `RuntimeError` with what came instead."""
    where = urlsplit(target.url)
    body = json.dumps(
        {
            "model": target.model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": max_tokens,
            "temperature": 1.0,
            "stream": True,
        }
    ).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {target.key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        writer.write(head.encode() + body)
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"{target.name}: {status.decode().strip()} {(await reader.read(2000)).decode()[-500:]}")
        return await _count(reader, began)
    finally:
        writer.close()


async def _count(reader: asyncio.StreamReader, began: float) -> Answer:
    first, tokens = 0.0, 0
    while line := await reader.readline():
        if b'"content":"' in line or b'"content": "' in line:
            tokens += 1
            first = first or time.perf_counter()
    return Answer(first_s=first - began, total_s=time.perf_counter() - began, tokens=tokens)


async def volley(
    target: Target, prompts: Sequence[str], *, at_once: int, max_tokens: int
) -> tuple[float, list[Answer]]:
    """Ask all prompts, so many at a time; return tokens a second over all, and the answers."""
    free = asyncio.Semaphore(at_once)

    async def one(prompt: str) -> Answer:
        async with free:
            return await ask(target, prompt, max_tokens)

    began = time.perf_counter()
    answers = await asyncio.gather(*(one(prompt) for prompt in prompts))
    return sum(answer.tokens for answer in answers) / (time.perf_counter() - began), list(answers)
