"""One engine in a process of its own, reached without gateway and control."""

import asyncio
import multiprocessing
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import entry_points
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.engines.load import Target
from tulou.ports.engine import Engine, EngineSpec
from tulou.ports.launcher import WorkerSpec
from tulou.services.replica.host.server import endpoint
from tulou.services.replica.settings import ReplicaSettings

START_S = 300


@contextmanager
def bare_engine(engine: str, file: Path, *, concurrency: int, context: int) -> Generator[Target]:
    """Run an engine as a replica would, for as long as the block runs."""
    token = secrets.token_hex(8)
    context_of = multiprocessing.get_context("spawn")
    ours, theirs = context_of.Pipe()
    facts: dict[str, Any] = {
        "model": "bench",
        "task": "chat",
        "format": "gguf",
        "architecture": "llama",
        "context_length": context,
        "concurrency": concurrency,
        "token": token,
        "options": {},
    }
    process = context_of.Process(target=_serve, args=(theirs, engine, str(file), facts))
    process.start()
    theirs.close()
    try:
        if not ours.poll(START_S):
            raise TimeoutError(f"{engine} did not start within {START_S} s")
        yield Target(name=f"{engine}, bare", url=ours.recv(), key=token, model="bench")
    finally:
        ours.close()
        process.join(10)
        process.kill()


def _serve(line: Connection, engine: str, file: str, facts: dict[str, Any]) -> None:
    asyncio.run(_live(line, engine, file, facts))


async def _live(line: Connection, engine: str, file: str, facts: dict[str, Any]) -> None:
    maker = entry_points(group="tulou.engines")[engine].load()
    made: Engine = maker(EngineSpec(files={Path(file).name: file}, **facts))
    worker = WorkerSpec(replica="bench", deployment="bench", generation=1, version=1, engine=engine, files=(), **facts)
    await made.open()
    async with endpoint(made, worker, ReplicaSettings()) as reached:
        line.send(reached.url)
        await asyncio.to_thread(_until_closed, line)
    await made.close()


def _until_closed(line: Connection) -> None:
    try:
        line.recv()
    except EOFError:
        return
