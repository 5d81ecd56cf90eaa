"""A running LiteLLM proxy: its models and routing, and from its database keys, teams and budgets.

`/model/info` tells everything of a model but its key; what the proxy works out itself stands there among what somebody
wrote, and is left aside. Without a database there are no keys, teams or budgets to ask for.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, cast

import httpx2
import msgspec

from tulou.cli.litellm.credentials import UNTOLD
from tulou.kernel.addresses import http_address, without_userinfo
from tulou.kernel.errors import InvalidError, UnauthenticatedError, UnavailableError

TIMEOUT_S = 30.0
ANSWER_CAP = 64 * 1024 * 1024
PAGE = 100
PAGES_CAP = 500
"""So many pages of keys or teams are read: fifty thousand of them."""

REFUSED = (401, 403)
NO_DATABASE = ("DB not connected", "Database not connected", "No db connected", "Database not set")
UNKNOWN_KEY = b"no_db_connection"
"""What a proxy without a database answers to a key that is not its master key."""

WRITTEN = frozenset({"mode", "order", "base_model", "team_id", "team_public_model_name", "access_groups"})
"""What somebody writes into `model_info`; the rest is LiteLLM's own knowledge of a model."""

OVERRIDES = "pricing_overrides"
"""Names the costs that somebody wrote."""


class Proxy:
    """`key` is LiteLLM's master key, or one that may read all of this.

    Raise `InvalidError` for what is no address, or a key that no header holds. No error repeats who asks.
    """

    def __init__(self, url: str, key: str) -> None:
        address = http_address(url, name="the address of the proxy")
        if not (key.isascii() and key.isprintable()):
            raise InvalidError("LiteLLM's key has characters that no key has; is that the right variable or file?")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._url = without_userinfo(address)
        self._http = httpx2.Client(base_url=address, headers=headers, timeout=TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def configuration(self) -> Mapping[str, Any]:
        """Return models and routing as a configuration file has them."""
        routing = _table(self._asked("/get/config/callbacks")).get("router_settings")
        router = {name: value for name, value in _table(routing).items() if value not in (None, "", [], {}, False)}
        aliases = _table(router.get("model_group_alias"))
        entries = _listed(self._told("/model/info"), "data")
        return {"model_list": [*_entries(entries, aliases)], "router_settings": router}

    def callers(self) -> Mapping[str, Sequence[Any]] | None:
        """Return keys, teams and budgets; None from a proxy without a database."""
        keys = self._pages("/key/list", "keys", return_full_object="true", size=PAGE)
        if keys is None:
            return None
        teams = self._pages("/v2/team/list", "teams", page_size=PAGE)
        if teams is None:
            teams = _listed(self._asked("/team/list"), "teams")
        return {"keys": keys, "teams": teams, "budgets": _listed(self._asked("/budget/list"), "data")}

    def _pages(self, path: str, name: str, **query: str | int) -> list[Any] | None:
        """Return what all pages of a list hold; None where there is none."""
        found: list[Any] = []
        for page in range(1, PAGES_CAP + 1):
            answer = _table(self._asked(path, page=page, **query))
            if not answer:
                return None if page == 1 else found
            found += _listed(answer, name)
            pages = answer.get("total_pages")
            if not isinstance(pages, int) or page >= pages:
                return found
        raise InvalidError(f"{self._url}{path} has more than {PAGES_CAP} pages; import what is needed from a file")

    def _told(self, path: str) -> object:
        answer = self._asked(path)
        if answer is None:
            raise InvalidError(f"{self._url}{path} is not there: is that a LiteLLM proxy?")
        return answer

    def _asked(self, path: str, **query: str | int) -> object | None:
        """Return what a path answers; None if it is not there, or needs a database that the proxy has not."""
        try:
            with self._http.stream("GET", path, params=query or None) as reply:
                content = self._content(path, reply)
        except httpx2.TransportError as error:
            raise UnavailableError(f"no LiteLLM proxy answers at {self._url} ({type(error).__name__})") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            words = f"{self._url}{path} answers what cannot be read ({type(error).__name__}): is that a LiteLLM proxy?"
            raise InvalidError(words) from error
        if reply.status_code in REFUSED or UNKNOWN_KEY in content:
            words = f"{self._url}{path} answers {reply.status_code}: give LiteLLM's master key as --key env://NAME"
            raise UnauthenticatedError(words)
        if reply.is_error:
            if reply.status_code in (404, 405) or any(words.encode() in content for words in NO_DATABASE):
                return None
            raise UnavailableError(f"{self._url}{path} answers {reply.status_code}")
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidError(f"{self._url}{path} is no JSON: is that a LiteLLM proxy?") from error

    def _content(self, path: str, reply: httpx2.Response) -> bytes:
        content = bytearray()
        for piece in reply.iter_bytes():
            content += piece
            if len(content) > ANSWER_CAP:
                raise InvalidError(f"{self._url}{path} answers more than {ANSWER_CAP} bytes")
        return bytes(content)


def _entries(entries: Sequence[Any], aliases: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield entries as somebody wrote them; an alias is listed as a model of its own there, and is none."""
    seen: set[tuple[object, object]] = set()
    for entry in map(_table, entries):
        params, info = _table(entry.get("litellm_params")), _table(entry.get("model_info"))
        name, identity = entry.get("model_name"), info.get("id")
        if (aliases.get(str(name)), identity) in seen:
            continue
        seen.add((name, identity))
        written = {*WRITTEN, *map(str, _listed(info, OVERRIDES))}
        untold = {"api_key": UNTOLD} if params.get("api_base") else {}
        yield {
            "model_name": name,
            "litellm_params": {**untold, **{name: value for name, value in params.items() if _says(value)}},
            "model_info": {name: value for name, value in info.items() if name in written and value is not None},
        }


def _says(value: object) -> bool:
    """Say whether a parameter is more than a default that the proxy adds."""
    return value is not None and value is not False


def _table(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _listed(value: object, name: str) -> list[Any]:
    found = _table(cast("object", value)).get(name) if isinstance(value, dict) else value
    return cast("list[Any]", found) if isinstance(found, list) else []
