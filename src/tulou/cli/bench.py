"""`tulou bench MODEL`: how fast a model answers through the gate."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from typing import Annotated

import httpx2
from cyclopts import App, Parameter

from tulou.cli.house import address, failure, no_house
from tulou.cli.options import DEFAULTS, Options
from tulou.cli.output import show

TIMEOUT_S = 600.0


@dataclass(frozen=True)
class BenchSample:
    """One answer: seconds to its first token and in all, and its tokens."""

    first_s: float
    total_s: float
    tokens: int


def register(app: App) -> None:
    """Add the command."""
    app.command(bench)


def bench(
    model: str,
    /,
    *,
    requests: int = 32,
    concurrency: Annotated[int, Parameter(help="How many at a time.")] = 4,
    prompt: str = "What is Tulou?",
    max_tokens: int = 64,
    options: Options = DEFAULTS,
) -> None:
    """Stream answers from a model and print throughput and latencies."""
    url, key = address(options)
    body: dict[str, object] = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    began = time.perf_counter()
    samples = asyncio.run(_measure(url, key, body, requests=requests, concurrency=concurrency))
    row = _summary(samples, time.perf_counter() - began)
    show(row, as_json=options.json, rows=[row], columns=list(row))


async def _measure(
    url: str, key: str, body: dict[str, object], *, requests: int, concurrency: int
) -> list[BenchSample]:
    gate = asyncio.Semaphore(concurrency)
    limits = httpx2.Limits(max_connections=concurrency)
    headers = {"authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(
        base_url=url, headers=headers, timeout=TIMEOUT_S, limits=limits, trust_env=False
    ) as http:

        async def one() -> BenchSample:
            async with gate:
                return await _sample(http, body)

        tasks = [asyncio.create_task(one()) for _ in range(requests)]
        try:
            return await asyncio.gather(*tasks)  # the first failure is told as it is, which a group would wrap
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _sample(http: httpx2.AsyncClient, body: dict[str, object]) -> BenchSample:
    try:
        return await _streamed(http, body)
    except httpx2.TransportError as error:
        raise no_house(str(http.base_url), error) from error


async def _streamed(http: httpx2.AsyncClient, body: dict[str, object]) -> BenchSample:
    began = time.perf_counter()
    first, tokens = 0.0, 0
    async with http.stream("POST", "/v1/chat/completions", json=body) as reply:
        if reply.is_error:
            raise failure(reply.status_code, await reply.aread())
        async for line in reply.aiter_lines():
            if not line.startswith("data: {"):
                continue
            first = first or time.perf_counter() - began
            usage = json.loads(line[6:]).get("usage")
            tokens = usage["completion_tokens"] if usage else tokens
    return BenchSample(first, time.perf_counter() - began, tokens)


def _summary(samples: list[BenchSample], took_s: float) -> dict[str, object]:
    return {
        "requests": len(samples),
        "requests/s": round(len(samples) / took_s, 2),
        "tokens/s": round(sum(sample.tokens for sample in samples) / took_s, 1),
        "first token p50 ms": round(statistics.median(sample.first_s for sample in samples) * 1000, 1),
        "total p50 ms": round(statistics.median(sample.total_s for sample in samples) * 1000, 1),
        "total max ms": round(max(sample.total_s for sample in samples) * 1000, 1),
    }
