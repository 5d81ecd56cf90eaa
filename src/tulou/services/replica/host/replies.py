"""OpenAI's replies, whole and in pieces."""

import base64
import struct
from collections.abc import Sequence

import msgspec

from tulou.chassis.error_bodies import error_body
from tulou.kernel.errors import TulouError
from tulou.ports.engine import Chunk, Vectors

DONE = b"data: [DONE]\n\n"
SERVER_ERROR = 500


def usage(chunk: Chunk) -> dict[str, int]:
    """Return the token counts of an answer's last chunk."""
    read, written = chunk.prompt_tokens, chunk.generated_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def completion(head: dict[str, object], text: str, last: Chunk) -> bytes:
    """Return a whole answer."""
    said = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": said, "finish_reason": last.finish, "logprobs": None}
    return msgspec.json.encode({**head, "object": "chat.completion", "choices": [choice], "usage": usage(last)})


def piece(head: dict[str, object], delta: dict[str, str], finish: str | None = None) -> bytes:
    """Return one event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return _event({**head, "object": "chat.completion.chunk", "choices": [choice]})


def last_piece(head: dict[str, object], last: Chunk) -> bytes:
    """Return the event that carries nothing but the token counts."""
    return _event({**head, "object": "chat.completion.chunk", "choices": [], "usage": usage(last)})


def embeddings(model: str, vectors: Vectors, *, packed: bool) -> bytes:
    """Return vectors as lists of numbers, or packed as base64 of little-endian floats."""
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else list(vector)}
        for index, vector in enumerate(vectors.values)
    ]
    counts = {"prompt_tokens": vectors.tokens, "total_tokens": vectors.tokens}
    return msgspec.json.encode({"object": "list", "data": data, "model": model, "usage": counts})


def fault(error: TulouError) -> bytes:
    """Return an error in OpenAI's shape."""
    kind = "server_error" if error.status >= SERVER_ERROR else "invalid_request_error"
    return error_body(str(error), kind=kind, param=error.param, code=error.code)


def fault_event(error: TulouError) -> bytes:
    """Return an error as the event that breaks a stream."""
    return b"data: " + fault(error) + b"\n\n"


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _event(value: object) -> bytes:
    return b"data: " + msgspec.json.encode(value) + b"\n\n"
