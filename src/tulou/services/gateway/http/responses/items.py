"""The items of a conversation, as clients send them and as they are kept."""

import secrets
from collections.abc import Iterable, Sequence

import msgspec

from tulou.contracts.responses.messages import StoredResponse

Item = dict[str, msgspec.Raw]

_ITEMS = msgspec.json.Decoder(list[Item])


class _Body(msgspec.Struct):
    output: list[Item] = []


_BODY = msgspec.json.Decoder(_Body)


def items_of(given: str | Sequence[Item]) -> list[Item]:
    """Return what came with a request as items that each have an id."""
    if isinstance(given, str):
        return [_message(given)] if given else []
    return [item if "id" in item else {**item, "id": _raw(f"msg_{secrets.token_hex(12)}")} for item in given]


def written(items: Iterable[Item]) -> str:
    """Return items as they are kept."""
    return msgspec.json.encode(list(items)).decode()


def read(kept: str) -> list[Item]:
    """Return items that were kept."""
    return _ITEMS.decode(kept)


def history(before: Iterable[StoredResponse]) -> list[Item]:
    """Return all that was said before, as the input of a request: what was asked, and what was answered.

    Ids are left out, because whoever answers now may never have seen the items; so is reasoning that cannot be read
    without its maker's memory of it.
    """
    said: list[Item] = []
    for response in before:
        said += read(response.input)
        said += _BODY.decode(response.body).output
    return [nameless(item) for item in said if readable(item)]


def readable(item: Item) -> bool:
    """Say whether an item can go to whoever answers now: reasoning needs its words, or what its maker sealed of it."""
    if bytes(item.get("type", b"")) != b'"reasoning"':
        return True
    return any(bytes(item.get(name, b"null")) not in {b"null", b"[]"} for name in ("encrypted_content", "content"))


def nameless(item: Item) -> Item:
    """Return an item without what only those know who made it."""
    return {name: value for name, value in item.items() if name not in {"id", "status"}}


def _message(text: str) -> Item:
    return {
        "id": _raw(f"msg_{secrets.token_hex(12)}"),
        "type": _raw("message"),
        "role": _raw("user"),
        "content": _raw([{"type": "input_text", "text": text}]),
    }


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
