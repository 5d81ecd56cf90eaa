"""A credential is taken out of what an upstream says, in whichever way it is written."""

from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.credentials import UpstreamCredential
from tulou.services.gateway.stack.secrets import hide_bytes

SECRET = 'abc+def/ghi==&"x'
BACKEND = cast("Backend", SimpleNamespace(replica=SimpleNamespace(headers=())))
PROOF = cast("UpstreamCredential", SimpleNamespace(headers={"authorization": f"Bearer {SECRET}"}))


@pytest.mark.parametrize(
    "written",
    [
        SECRET.replace('"', '\\"'),
        SECRET.replace('"', "\\u0022").replace("+", "\\u002b").replace("/", "\\/"),
        SECRET.replace('"', "\\u0022").replace("=", "\\u003D").replace("&", "\\u0026"),
        "".join(f"\\u{ord(char):04x}" for char in SECRET),
    ],
)
def test_a_credential_is_hidden_however_json_writes_it(written: str) -> None:
    body = f'{{"error": {{"message": "wrong key {written}, look"}}}}'.encode()
    assert SECRET in msgspec.json.decode(body)["error"]["message"]

    hidden = hide_bytes(body, BACKEND, PROOF)

    assert msgspec.json.decode(hidden)["error"]["message"] == "wrong key [credential], look"
