"""The trainer port, made real: a child process trains, this side reads how it goes and ends it when it must."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import msgspec

from tulou.kernel.environment import without_secrets
from tulou.kernel.errors import DeadlineError, InvalidError, TulouError, UnavailableError
from tulou.ports.trainer import TrainedModel, TrainProgress, TrainSpec

CHILD = "tulou.adapters.torch.child"
NEEDED = ("torch", "transformers", "tokenizers")
LINE_CAP = 1024 * 1024
TAIL = 20


class ChildMessage(msgspec.Struct):
    """A line from the child: exactly one of these."""

    progress: TrainProgress | None = None
    trained: TrainedModel | None = None
    error: str = ""


class TorchTrainer:
    """Trains Llama-shaped models on this machine's processors: all cores but one, unless the spec says otherwise."""

    def __init__(self, *, silence_s: float = 600.0, python: str = sys.executable) -> None:
        self._silence_s = silence_s
        self._python = python

    async def train(self, spec: TrainSpec, workdir: str, progress: Callable[[TrainProgress], None]) -> TrainedModel:
        """Return the model made in *workdir*; raise `InvalidError` for data or sizes that cannot be trained."""
        _check_installed()
        path = Path(workdir) / "spec.json"
        await asyncio.to_thread(path.write_bytes, msgspec.json.encode(spec))
        async with _child(self._python, path, threads=spec.threads) as child:
            complaints = asyncio.create_task(_tail(child))
            try:
                trained = await self._listen(child, progress)
                code = await child.wait()
            finally:
                if child.returncode is None:
                    child.kill()
                last = await complaints
        if trained is None:
            raise _why(code, last)
        return trained

    async def _listen(self, child: Process, progress: Callable[[TrainProgress], None]) -> TrainedModel | None:
        trained = None
        assert child.stdout is not None  # noqa: S101  # it was asked for
        while line := await self._line(child.stdout):
            said = msgspec.json.decode(line, type=ChildMessage)
            if said.error:
                raise InvalidError(f"training cannot begin: {said.error}")
            if said.progress is not None:
                progress(said.progress)
            trained = said.trained or trained
        return trained

    async def _line(self, stream: asyncio.StreamReader) -> bytes:
        try:
            async with asyncio.timeout(self._silence_s):
                return await stream.readline()
        except TimeoutError:
            raise DeadlineError(
                f"the training process was silent for {self._silence_s:g} s and has been ended"
            ) from None


def _check_installed() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UnavailableError(f"training needs {', '.join(missing)}, not installed; pip install 'tulou[train]'")


@asynccontextmanager
async def _child(python: str, spec: Path, *, threads: int) -> AsyncGenerator[Process]:
    # Idle OpenMP threads that spin would take the processor from the gateway.
    count = str(threads or max(1, (os.cpu_count() or 2) - 1))
    environment = {
        **without_secrets(os.environ),
        "OMP_NUM_THREADS": count,
        "OMP_WAIT_POLICY": "PASSIVE",
        "HF_HUB_OFFLINE": "1",
    }
    child = await asyncio.create_subprocess_exec(
        python, "-m", CHILD, str(spec), stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, limit=LINE_CAP
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        # Its end is near and certain; without it the process would stay as a zombie.
        await asyncio.shield(child.wait())


async def _tail(child: Process) -> str:
    last: deque[str] = deque(maxlen=TAIL)
    assert child.stderr is not None  # noqa: S101  # it was asked for
    while chunk := await child.stderr.read(4096):
        last.extend(chunk.decode(errors="replace").splitlines())
    return "\n".join(list(last)[-3:])


def _why(code: int | None, last: str) -> TulouError:
    if code is not None and code < 0:
        return UnavailableError(f"the training process was killed by signal {-code}; is there enough memory?")
    return TulouError(f"the training process ended with {code}: {last}")
