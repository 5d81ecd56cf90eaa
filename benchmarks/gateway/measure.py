"""Measures one gateway: requests/s by wrk, streams by wrk and by clients that read at the upstream's pace."""

import asyncio
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from contenders import KEY, LOAD_CORE, Contender

LUA = """
wrk.method = "POST"
wrk.path = "{path}"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer {key}"
wrk.body = '{body}'
"""
QUESTION = '"messages":[{{"role":"system","content":"{system}"}},{{"role":"user","content":"What is a gate for?"}}]'
SYSTEM = "You answer in one sentence. " * 8
STREAMS = 200
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_P50 = re.compile(r"50%\s+([\d.]+)(us|ms|s)")
_P99 = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_BAD = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)")
_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """What wrk saw."""

    per_s: float
    p50_ms: float
    p99_ms: float
    per_core: float
    trouble: str


@dataclass(frozen=True)
class Paced:
    """How streams at an engine's pace went: chunks that arrived each second, and how much of a core they took."""

    chunks_per_s: float
    core: float

    @property
    def per_core(self) -> float:
        """Chunks a second if a whole core were used."""
        return self.chunks_per_s / self.core if self.core else 0.0


def body(model: str, *, stream: bool) -> str:
    """Return a request's body: a short chat."""
    said = QUESTION.format(system=SYSTEM)
    return f'{{"model":"{model}",{said},"stream":{"true" if stream else "false"},"max_tokens":64}}'


def wrk(contender: Contender, model: str, connections: int, seconds: float, folder: Path) -> Load:
    """Ask as fast as the answers come."""
    stream = model != "plain"
    path = contender.stream_path if stream else "/v1/chat/completions"
    script = folder / f"{contender.name}-{model}.lua"
    script.write_text(LUA.format(path=path, key=KEY, body=body(model, stream=stream)))
    load = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency", "--timeout", "30s", "-s", str(script)]
    used, began = cpu_seconds(contender.pid), time.monotonic()
    told = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *load, contender.url], check=True, capture_output=True, text=True
    ).stdout
    core = (cpu_seconds(contender.pid) - used) / (time.monotonic() - began)
    found, bad = _RATE.search(told), _BAD.search(told)
    rate = float(found[1]) if found else 0.0
    return Load(rate, _ms(_P50, told), _ms(_P99, told), rate / core if core else 0.0, bad[0] if bad else "")


def paced(contender: Contender, streams: int, seconds: float) -> Paced:
    """Read many streams at once, each at 100 chunks/s, and look at what the gateway takes for it."""
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    return asyncio.run(_paced(contender, streams, seconds))


async def _paced(contender: Contender, streams: int, seconds: float) -> Paced:
    counts = [0] * streams
    readers = [asyncio.create_task(_read(contender, counts, number)) for number in range(streams)]
    await asyncio.sleep(2)
    before, cpu, began = sum(counts), cpu_seconds(contender.pid), time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    after, used = sum(counts), cpu_seconds(contender.pid) - cpu
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    return Paced((after - before) / took, used / took)


async def _read(contender: Contender, counts: list[int], number: int) -> None:
    host, port = contender.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    asked = body("paced", stream=True).encode()
    head = (
        f"POST {contender.stream_path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {KEY}\r\ncontent-length: {len(asked)}\r\n\r\n"
    )
    writer.write(head.encode() + asked)
    try:
        while data := await reader.read(65536):
            counts[number] += data.count(b"data: {")
    finally:
        writer.close()


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return the memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _ms(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    return float(found[1]) * _MS[found[2]] if found else 0.0
