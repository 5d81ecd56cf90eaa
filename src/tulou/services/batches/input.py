"""Reads the input file of a batch line by line, without ever holding all of it."""

from collections.abc import AsyncGenerator, AsyncIterator

from tulou.contracts.batches.messages import Batch, BatchFault
from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import FileChunk, NameFile
from tulou.services.batches import domain
from tulou.services.batches.domain import BatchLine


async def lines(files: Files, batch: Batch, *, at_most: int) -> AsyncGenerator[tuple[int, bytes]]:
    """Yield the number of each line, from 1, and its text; empty ones are left out, longer ones cut at the cap."""
    number = 0
    async for text in _split(files.content(NameFile(owner=batch.owner, id=batch.input_file)), at_most=at_most):
        number += 1
        if text.strip():
            yield number, text


async def examine(files: Files, batch: Batch, *, most: int, at_most: int) -> tuple[int, list[BatchFault]]:
    """Return how many requests there are, and the first hundred faults."""
    seen: set[str] = set()
    faults: list[BatchFault] = []
    count = 0
    async for number, text in lines(files, batch, at_most=at_most):
        count += 1
        fault = _fault(number, text, batch, seen, at_most=at_most)
        if count > most:
            fault = BatchFault(line=number, code="too_many_requests", message=f"a batch has at most {most} requests")
        if fault is not None:
            faults.append(fault)
        if count > most or len(faults) >= domain.FAULTS_CAP:
            return count, faults
    if not count:
        faults.append(BatchFault(line=0, code="empty_file", message="the input file has no requests"))
    return count, faults


def _fault(number: int, text: bytes, batch: Batch, seen: set[str], *, at_most: int) -> BatchFault | None:
    if len(text) > at_most:
        return BatchFault(line=number, code="line_too_large", message=f"a request has at most {at_most} bytes")
    line = domain.read_line(number, text, batch.endpoint)
    if isinstance(line, BatchLine):
        if line.custom_id in seen:
            return domain.doubled(number, line)
        seen.add(line.custom_id)
        return None
    return line


async def _split(chunks: AsyncIterator[FileChunk], *, at_most: int) -> AsyncGenerator[bytes]:
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk.data).split(b"\n")
        for text in whole:
            yield text[: at_most + 1]
        rest = rest[: at_most + 1]  # what is too long is refused for its length, not kept
    if rest:
        yield rest
