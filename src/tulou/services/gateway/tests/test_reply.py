"""A large answer goes out in pieces, so that no more of it waits for a slow client than one."""

import pytest
from starlette.types import Message

from tulou.services.gateway.http.reply import PIECE_BYTES, reply


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 3 * PIECE_BYTES - 1])
async def test_an_answer_of_any_size_arrives_whole_in_pieces(size: int) -> None:
    body, sent = bytes(number % 251 for number in range(size)), list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    await reply(send, 200, [], body)

    start, *pieces = sent
    assert start["headers"] == [(b"content-length", b"%d" % size)]
    assert b"".join(piece["body"] for piece in pieces) == body
    assert max(len(piece["body"]) for piece in pieces) <= PIECE_BYTES
    assert [piece.get("more_body", False) for piece in pieces] == [True] * (len(pieces) - 1) + [False]
