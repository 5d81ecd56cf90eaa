"""What the server says itself, in place of the application, before it closes a connection."""

from http import HTTPStatus

import msgspec

Refusal = tuple[int, str]
MALFORMED: Refusal = (400, "the request is not HTTP/1.1")
HEAD_TOO_LARGE: Refusal = (431, "the request's head is too large")
FRAMING_TOO_LARGE: Refusal = (413, "there is too much around the data of the request's chunks; send larger chunks")
TUNNEL: Refusal = (405, "CONNECT is not served, since this is no proxy; send the request itself")
WRONG_VERSION: Refusal = (505, "this version of HTTP is not served; send HTTP/1.1")
WRONG_HOST: Refusal = (400, "the request must have one host header, with a name or an address and perhaps a port")
WRONG_CODING: Refusal = (400, "chunked is the only transfer-encoding that is served")
TOO_MANY: Refusal = (503, "too many connections are open; try again in a moment")
SILENT: Refusal = (504, "no answer was made in time; ask for less, or for a stream")
BUSY = frozenset({429, 503})


class RequestRefusedError(Exception):
    """What came is answered by the server, which then closes the connection."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def render_refusal(status: int, message: str) -> bytes:
    """Return a whole answer, after which the connection closes."""
    body = msgspec.json.encode({"error": {"message": message, "type": "invalid_request_error", "param": None}})
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json\r\n"
    if status in BUSY:
        head += "retry-after: 1\r\n"
    return f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
