"""Ask the endpoint for one small answer before anyone else does, over the very road requests will take."""

import asyncio
from urllib.parse import urlsplit

import msgspec

from tulou.kernel.errors import DeadlineError, InvalidError, UnavailableError
from tulou.ports.engine import Task

_LONGEST_REPLY = 1 << 20
_OK = 200


async def warm(url: str, *, model: str, task: Task, token: str, deadline_s: float) -> None:
    """Return once it has answered; raise `InvalidError` with what it said instead, `DeadlineError` for silence."""
    path, body = _question(model, task)
    try:
        async with asyncio.timeout(deadline_s):
            status, reply = await _post(url, path, msgspec.json.encode(body), token)
    except TimeoutError:
        raise DeadlineError(f"model {model!r} gave no first answer within {deadline_s:g} s (warming)") from None
    except (OSError, ValueError, EOFError) as error:
        raise UnavailableError(f"model {model!r}: the endpoint broke off its first answer ({error})") from error
    if status != _OK:
        text = reply[:300].decode("utf-8", "replace")
        raise InvalidError(f"model {model!r} cannot answer a first question: status {status}, {text}")


def _question(model: str, task: Task) -> tuple[str, dict[str, object]]:
    if task == "embedding":
        return "/v1/embeddings", {"model": model, "input": "hello"}
    messages = [{"role": "user", "content": "hello"}]
    return "/v1/chat/completions", {"model": model, "messages": messages, "max_tokens": 1}


async def _post(url: str, path: str, body: bytes, token: str) -> tuple[int, bytes]:
    """Send one request on a connection of its own; HTTP/1.0, so that the reply ends with the connection."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=_LONGEST_REPLY)
    try:
        head = (
            f"POST {path} HTTP/1.0\r\nhost: {where.netloc}\r\nauthorization: Bearer {token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        await reader.readuntil(b"\r\n\r\n")
        return status, await reader.read(_LONGEST_REPLY)
    finally:
        writer.close()
