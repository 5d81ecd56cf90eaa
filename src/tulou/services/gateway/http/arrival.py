"""What a request's head says: who asks, under which id, in which trace."""

import re
import secrets
from collections.abc import Mapping
from itertools import count

_SANE_ID = re.compile(rb"[\w.:/+=@-]{1,128}")
_BEARER = b"bearer "
_PROCESS = secrets.token_hex(8)
_NUMBERS = count()
"""An id is this process's random name and a number: a random id each would cost 5 us, this costs 0.3."""

Headers = Mapping[bytes, bytes]


def secret_of(headers: Headers) -> bytes:
    """Return the key that came along, wherever clients of this field put it."""
    authorization = headers.get(b"authorization")
    if authorization is not None and authorization[:7].lower() == _BEARER:
        return authorization[7:].strip()
    return headers.get(b"x-api-key") or headers.get(b"api-key") or b""


def request_id_of(headers: Headers) -> str:
    """Return the client's id of the request if it is short and harmless, or a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _SANE_ID.fullmatch(given):
        return given.decode("ascii")
    return f"req_{_PROCESS}{next(_NUMBERS):010x}"
