"""Keeps credentials out of what an upstream says: some repeat in an error what they were shown."""

import re
from collections.abc import Iterator

from tulou.services.gateway.stack.backend import PROVING, Backend
from tulou.services.gateway.stack.credentials import UpstreamCredential
from tulou.services.gateway.stack.failure import AttemptFailedError
from tulou.services.gateway.stack.words import NOTHING

SHORTEST = 8
"""Characters that a secret has at least; what is shorter is no secret, and may stand in any word."""

HIDDEN = "[credential]"
BEYOND = 0x80
"""What a header holds is ASCII."""


def hide(text: str, backend: Backend, proof: UpstreamCredential | None) -> str:
    """Return a text without the credentials that the replica was shown."""
    for secret in _secrets(backend, proof):
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return text


def hide_bytes(body: bytes, backend: Backend, proof: UpstreamCredential | None) -> bytes:
    """Return a body without them, however JSON writes their characters."""
    for secret in _secrets(backend, proof):
        if (shown := secret.encode("utf-8", "replace")) in body:
            body = body.replace(shown, HIDDEN.encode())
        if b"\\" in body and secret.isascii():
            body = re.sub(_written(secret), HIDDEN.encode(), body)
    return body


def _written(secret: str) -> bytes:
    r"""Return a pattern of all ways in which JSON may write a text: `+` is `\u002b` to some, and `/` is `\/`."""
    ways = (rf"(?:\\?{re.escape(char)}|\\u(?i:{ord(char):04x}))" for char in secret if ord(char) < BEYOND)
    return "".join(ways).encode("ascii", "replace")


def hide_in(failure: AttemptFailedError, backend: Backend, proof: UpstreamCredential | None) -> None:
    """Take them out of what an attempt failed with."""
    if failure.said == NOTHING:
        return
    said = failure.said
    failure.args = (hide(str(failure), backend, proof),)
    failure.said = said._replace(message=hide(said.message, backend, proof), code=hide(said.code, backend, proof))


def _secrets(backend: Backend, proof: UpstreamCredential | None) -> Iterator[str]:
    values = [value for name, value in backend.replica.headers if name.lower() in PROVING]
    if proof is not None:
        values.extend(proof.headers.values())
    for value in values:
        secret = value.rpartition(" ")[2]
        if len(secret) >= SHORTEST:
            yield secret
