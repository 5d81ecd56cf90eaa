"""A GGUF model behind llama.cpp's own HTTP server, in this process."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

import httpx2

from tulou.engines.llamacpp.hangup import hang_up
from tulou.engines.llamacpp.header import LONGEST_TOKEN, Value, read_header
from tulou.engines.llamacpp.memory import check_memory
from tulou.engines.llamacpp.metrics import read_load
from tulou.engines.llamacpp.options import read_options
from tulou.engines.llamacpp.parameters import gguf_file, native, parameters
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.engine import EngineLoad, EngineSpec

METRICS_TIMEOUT_S = 2.0
CLOSE_TRIES = 100
CLOSE_POLL_S = 0.02
DEFAULT_CONTEXT = 4096


class _Server(Protocol):
    listening_address: str


class LlamaCppEngine:
    """One model; generation for a client that left ends with the next token it cannot be sent."""

    def __init__(self, spec: EngineSpec) -> None:
        self._spec = spec
        self._options = read_options(spec.options)
        self._server: _Server | None = None
        self._longest_token = 0
        self._http = httpx2.AsyncClient(timeout=METRICS_TIMEOUT_S, trust_env=False)

    @property
    def base_url(self) -> str:
        """Where it listens, without `/v1`; raise `UnavailableError` unless it is open."""
        if self._server is None:
            raise UnavailableError(f"model {self._spec.model!r} is not loaded")
        return self._server.listening_address

    @property
    def longest_token(self) -> int:
        """The bytes of the longest token in the file's own spelling, which is never shorter than the text."""
        return self._longest_token

    async def open(self) -> None:
        """Load the model; raise `InvalidError` naming a file that cannot be, `UnavailableError` without memory."""
        path = gguf_file(self._spec)
        facts = await asyncio.to_thread(read_header, path)
        longest = facts.get(LONGEST_TOKEN)
        self._longest_token = longest if isinstance(longest, int) else 0
        context = self._spec.context_length or _trained_context(facts)
        check_memory(path, facts, cells=context * self._spec.concurrency)
        pooled = any(name.endswith(".pooling_type") for name in facts)
        made = parameters(self._spec, self._options, context=context, pooled=pooled)
        try:
            self._server = await asyncio.to_thread(_serve, made)
        except RuntimeError as error:
            raise InvalidError(
                f"{path.name}: llama.cpp cannot load it; its reasons stand in the log just before this"
            ) from error

    async def load(self) -> EngineLoad:
        """Say how busy it is; raise `UnavailableError` while a long prompt keeps it from answering."""
        return read_load(await self.metrics())

    async def metrics(self) -> str:
        """Return its own Prometheus text."""
        headers = {"authorization": f"Bearer {self._spec.token}"}
        try:
            # Over HTTP: the call in process would hold the interpreter's lock while a batch is computed
            return (await self._http.get(f"{self.base_url}/metrics", headers=headers)).raise_for_status().text
        except httpx2.HTTPError as error:
            raise UnavailableError(f"llama.cpp's metrics: no answer ({type(error).__name__})") from error

    async def close(self) -> None:
        """Free the model; answers still being written are cut off."""
        if self._server is not None:
            await self._quiet(self._server.listening_address)
        await self._http.aclose()
        holder, self._server = [self._server], None
        await asyncio.to_thread(holder.clear)

    async def _quiet(self, address: str) -> None:
        """End what runs: freeing a busy server would stop this whole process for half a minute."""
        for _ in range(CLOSE_TRIES):
            if not await asyncio.to_thread(hang_up, address) and not await self._busy():
                return
            await asyncio.sleep(CLOSE_POLL_S)

    async def _busy(self) -> bool:
        try:
            load = await self.load()
        except UnavailableError:
            return True
        return bool(load.running + load.waiting)


def _serve(made: Any) -> _Server:
    return native().Server(made)


def _trained_context(facts: Mapping[str, Value]) -> int:
    trained = facts.get(f"{facts.get('general.architecture', '')}.context_length")
    return trained if isinstance(trained, int) else DEFAULT_CONTEXT
