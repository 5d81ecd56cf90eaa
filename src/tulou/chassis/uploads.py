"""Writes a file into the files service, piece by piece, so that it may run in any process."""

from collections.abc import AsyncIterator
from hashlib import sha256

from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import AppendPiece, BeginFile, File, FinishFile

PIECE_BYTES = 4 * 1024 * 1024


async def write_file(files: Files, begin: BeginFile, chunks: AsyncIterator[bytes]) -> File:
    """Keep a file; raise `TooLargeError` beyond the cap. Nothing is seen of one that breaks off."""
    file = await files.begin(begin)
    digest, number = sha256(), 0
    async for piece in _pieces(chunks):
        digest.update(piece)
        await files.append(AppendPiece(owner=begin.owner, id=file.id, number=number, data=piece))
        number += 1
    return await files.finish(FinishFile(owner=begin.owner, id=file.id, pieces=number, digest=digest.hexdigest()))


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        while len(gathered) >= PIECE_BYTES:
            yield bytes(gathered[:PIECE_BYTES])
            del gathered[:PIECE_BYTES]
    if gathered:
        yield bytes(gathered)
