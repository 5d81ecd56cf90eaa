"""A master key that lies in a key management server and is asked to wrap and unwrap there."""

import os
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec

from tulou.kernel.addresses import without_userinfo
from tulou.kernel.egress import address_of
from tulou.kernel.errors import InvalidError, UnavailableError
from tulou.ports.master_key import WrappedKey

DEADLINE_S = 10.0
BAD_REQUEST = 400
TOKEN = "VAULT_TOKEN"  # noqa: S105 - the name of a variable
"""Where the server's own tools look for the token, too."""


class TransitMasterKey:
    """Speaks `/v1/MOUNT/{encrypt,decrypt}/KEY`; a ciphertext `vault:v3:...` names the version that wrapped it."""

    def __init__(self, http: httpx2.AsyncClient, base: str, *, mount: str, key: str, token: str) -> None:
        self._http = http
        self._base = f"{base}/v1/{mount}"
        self._key = key
        self._headers = {"x-vault-token": token} if token else {}

    async def wrap(self, key: bytes) -> WrappedKey:
        """Wrap with the key's newest version."""
        data = await self._ask(f"encrypt/{self._key}", {"plaintext": b64encode(key).decode()})
        text = str(data.get("ciphertext", ""))
        return WrappedKey(key_id=self._id(text), data=text.encode())

    async def unwrap(self, wrapped: WrappedKey) -> bytes:
        """Unwrap; the server knows all versions that it has not been told to forget."""
        data = await self._ask(f"decrypt/{self._key}", {"ciphertext": wrapped.data.decode("ascii", "replace")})
        return b64decode(str(data.get("plaintext", "")))

    async def rotate(self) -> str:
        """Ask for a new version."""
        await self._ask(f"keys/{self._key}/rotate", {})
        return (await self.wrap(bytes(32))).key_id

    def _id(self, ciphertext: str) -> str:
        prefix, _, rest = ciphertext.partition(":")
        version, _, body = rest.partition(":")
        if not (prefix and version and body):
            raise UnavailableError(
                f"{without_userinfo(self._base)} answered with no ciphertext; is it a Transit engine?"
            )
        return f"transit:{self._key}:{version}"

    async def _ask(self, path: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        """Ask; no error says what was sent or what came back beyond the server's own words."""
        url = f"{without_userinfo(self._base)}/{path}"
        try:
            reply = await self._http.post(
                f"{self._base}/{path}", json=dict(body), headers=self._headers, timeout=DEADLINE_S
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise UnavailableError(f"no answer from the master key at {url} ({type(error).__name__})") from error
        if reply.status_code == BAD_REQUEST:
            raise InvalidError(f"the master key at {url} refused: {_words(reply)}")
        if not reply.is_success:
            raise UnavailableError(f"the master key at {url} answered with {reply.status_code}: {_words(reply)}")
        return _data(reply)


class _Reply(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: list[str] = []


def _data(reply: httpx2.Response) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(reply.content or b"{}", type=_Reply).data or {}
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnavailableError(
            f"{without_userinfo(str(reply.url))} did not answer with JSON; is it a Transit engine?"
        ) from error


def _words(reply: httpx2.Response) -> str:
    try:
        return "; ".join(msgspec.json.decode(reply.content, type=_Reply).errors)[:300] or "without a reason"
    except (msgspec.MsgspecError, RecursionError):
        return "without a reason"


@asynccontextmanager
async def open_transit_master_key(url: str) -> AsyncGenerator[TransitMasterKey]:
    """Open `https://HOST[:PORT]/MOUNT/KEY[?token_file=PATH&proxy=URL]`; without a file the token is `$VAULT_TOKEN`.

    The proxy may be `env://NAME` or `file://PATH` of one.
    """
    parts = urlsplit(url)
    mount, _, key = parts.path.strip("/").rpartition("/")
    if not (parts.netloc and mount and key):
        raise InvalidError(
            f"[ports] master_key = {without_userinfo(url)!r}: write https://HOST/MOUNT/KEY, such as .../transit/tulou"
        )
    query = parse_qs(parts.query)
    file, proxy = query.get("token_file", [""])[0], query.get("proxy", [""])[0]
    token = Path(file).read_text("utf-8").strip() if file else os.environ.get(TOKEN, "")  # noqa: ASYNC240 - once
    # No proxy and no netrc of the environment: the token is for this host alone. SSL_CERT_FILE counts, as at the gate.
    authorities = ssl.create_default_context()
    through = address_of(proxy, os.environ, Path.read_text) if proxy else None
    async with httpx2.AsyncClient(follow_redirects=False, trust_env=False, verify=authorities, proxy=through) as http:
        yield TransitMasterKey(http, f"{parts.scheme}://{parts.netloc}", mount=mount, key=key, token=token)
