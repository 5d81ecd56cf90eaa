"""Whether a graph that is brought as it is may be a text encoder: looked at when it comes in, before it is stored."""

import asyncio
from pathlib import Path

import msgspec
import structlog

from tulou.adapters.onnx.review import GraphReview
from tulou.kernel.errors import DeadlineError, InvalidError
from tulou.ports.confinement import GIB, Confinement, ProcessBounds

LOOKING = "tulou.adapters.onnx.review"
LARGEST = 2_100_000_000
"""Bytes of a graph with its weights inside, which protobuf ends at 2 GiB."""
CPU_S = 30
LOGGED = 2000
COPIES = 3
"""How often the bytes of a file are in memory while it is parsed, at most, unless it is made to take more."""

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


async def check_graph(path: Path, confinement: Confinement) -> tuple[str, ...]:
    """Return the names of the files beside a graph that hold weights of it.

    Raise `InvalidError` with what is wrong with the graph, or with these files.
    """
    size = await asyncio.to_thread(_size, path)
    if size > LARGEST:
        raise InvalidError(
            f"{path.name} is larger than a graph can be; keep its weights in a file beside it", param="path"
        )
    bounds = ProcessBounds(cpu_s=CPU_S, memory=GIB + COPIES * size)
    try:
        ended = await confinement.run(LOOKING, str(path), bounds=bounds)
    except DeadlineError:
        raise InvalidError(f"{path.name} was not read within {bounds.wall_s} s", param="path") from None
    if ended.code:
        log.warning("graph_not_read", file=path.name, code=ended.code, log=ended.log[-LOGGED:])
        raise InvalidError(
            f"{path.name} is no sound ONNX file: it takes more than {bounds.memory >> 20} MiB of memory, or {CPU_S} s, "
            "to read; fetch it again, or see `tulou logs`",
            param="path",
        )
    try:
        looked = msgspec.json.decode(ended.output, type=GraphReview)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InvalidError(f"{path.name} is no sound ONNX file: reading it broke the reader", param="path") from None
    if looked.reason:
        raise InvalidError(looked.reason, param="path")
    return looked.files


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InvalidError(f"{path.name} cannot be read: {error.strerror or error}", param="path") from error
