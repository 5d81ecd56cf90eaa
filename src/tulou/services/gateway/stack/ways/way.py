"""What all ways say alike."""

from tulou.chassis.http.request import Header

OK = 200
ERROR_BYTES = 256 * 1024
JSON: Header = (b"content-type", b"application/json")
SSE: tuple[Header, ...] = ((b"content-type", b"text/event-stream"),)
