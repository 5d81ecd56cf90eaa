"""Speak to a house over its gate, as any other client would."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec

import tulou
from tulou.assembly.environment import surroundings
from tulou.assembly.owner import ADMIN_KEY
from tulou.assembly.running import read_standing
from tulou.cli.options import Changing, Options
from tulou.cli.tokens import stored_session
from tulou.kernel.addresses import http_address, without_userinfo
from tulou.kernel.errors import ERRORS, TulouError, UnauthenticatedError, UnavailableError

TIMEOUT_S = 60.0
REASON = "x-tulou-reason"


@dataclass(frozen=True)
class HouseClient:
    """Requests to one house; failures come as the error that the house named."""

    http: httpx2.Client
    url: str

    def get(self, path: str, **query: str | float) -> Any:
        """Return what is at a path."""
        return self._ask("GET", path, None, query)

    def text(self, path: str, **query: str | float) -> str:
        """Return what is at a path as it is, a document or a table."""
        return self._send("GET", path, None, query).text

    def post(self, path: str, body: Mapping[str, object] | None = None, **query: str | float) -> Any:
        """Make something of a body."""
        return self._ask("POST", path, body or {}, query)

    def put(self, path: str, body: Mapping[str, object]) -> Any:
        """Set something."""
        return self._ask("PUT", path, body, {})

    def patch(self, path: str, body: Mapping[str, object]) -> Any:
        """Change something."""
        return self._ask("PATCH", path, body, {})

    def delete(self, path: str, **query: str | float) -> Any:
        """Remove something."""
        return self._ask("DELETE", path, None, query)

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None, query: Mapping[str, str | float]) -> Any:
        reply = self._send(method, path, body, query)
        return reply.json() if reply.content else None

    def _send(
        self, method: str, path: str, body: Mapping[str, object] | None, query: Mapping[str, str | float]
    ) -> httpx2.Response:
        try:
            reply = self.http.request(method, path, json=body, params=dict(query) or None)
        except httpx2.TransportError as error:
            raise no_house(self.url, error) from error
        if reply.is_error:
            raise failure(reply.status_code, reply.content)
        return reply


@contextmanager
def house(options: Options) -> Generator[HouseClient]:
    """Reach the house that the options name, else the one that is up in this directory."""
    url, key = address(options)
    reason = options.reason if isinstance(options, Changing) else ""
    said = {
        "authorization": f"Bearer {key}" if key else "",
        "user-agent": f"tulou-cli/{tulou.__version__}",
        REASON: " ".join(reason.split()),
    }
    headers = httpx2.Headers({name: value for name, value in said.items() if value}, encoding="utf-8")
    with httpx2.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False) as http:
        yield HouseClient(http, url)


def address(options: Options) -> tuple[str, str]:
    """Return the gate's URL and an admin key, or what `tulou login` keeps for it; raise what says how to get them."""
    if options.url:
        url = http_address(options.url, name="--url (or TULOU_URL)")
        return url, options.key or stored_session(url)
    directory = directory_of(options)
    standing = read_standing(directory)
    if standing is None:
        raise UnavailableError(f"no house is up in {directory}; start it with `tulou up`, or name another with --url")
    return standing.gate_url, options.key or _stored_key(directory)


def directory_of(options: Options) -> Path:
    """Return the directory that the options or the settings name."""
    return options.dir.absolute() if options.dir else surroundings(os.environ).directory


def no_house(url: str, error: httpx2.TransportError) -> UnavailableError:
    """Return the error that says where nobody answered."""
    return UnavailableError(f"no house answers at {without_userinfo(url)} ({error}); `tulou up` starts one")


def failure(status: int, content: bytes) -> TulouError:
    """Return the error that a house's answer describes."""
    try:
        error = msgspec.json.decode(content)["error"]
        kind = ERRORS.get(error["code"]) or _by_status(status)
        return kind(error["message"], param=error.get("param"))
    except (msgspec.DecodeError, KeyError, TypeError):
        return UnavailableError(f"unexpected answer {status}: {content[:200].decode('utf-8', 'replace')}")


def _by_status(status: int) -> type[TulouError]:
    return next((kind for kind in ERRORS.values() if kind.status == status), TulouError)


def _stored_key(directory: Path) -> str:
    try:
        return (directory / "secrets" / ADMIN_KEY).read_text("ascii").strip()
    except OSError as error:
        raise UnauthenticatedError(
            f"no admin key in {directory}/secrets ({error.strerror}); pass one with --key or TULOU_KEY"
        ) from error
