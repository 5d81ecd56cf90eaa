"""A `tool_choice` that names tools, said in words that every engine understands.

llama.cpp takes an object there for `auto` without a word. To offer nothing but the named tool and to require a call
says the same; that the call comes is seen to where it goes out (`tulou.services.gateway.stack.tool_calls`).
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeVar

import msgspec

from tulou.kernel.errors import InvalidError

PARAM = "tool_choice"
Fields = dict[str, msgspec.Raw]
T = TypeVar("T")


class ForcedTools(NamedTuple):
    """The tools that are left, whether one must be called, and whether it may be only one.

    `others` are the kinds of tools that are allowed beside them and that a vendor runs, or that take a text.
    """

    tools: tuple[Fields, ...]
    choice: Literal["auto", "required"]
    only_one: bool
    others: tuple[str, ...] = ()


class _Function(msgspec.Struct):
    name: str


class _AllowedTool(msgspec.Struct):
    type: str = "function"
    function: _Function | None = None


class _Allowed(msgspec.Struct):
    mode: Literal["auto", "required"]
    tools: list[_AllowedTool]


def forced(choice: Fields, tools: Sequence[Fields]) -> ForcedTools | None:
    """Return what an object `tool_choice` asks for; None for a kind that is the engine's to judge.

    Raise `InvalidError` when it names a tool that the request does not bring.
    """
    match _read(choice.get("type"), str):
        case "function":
            name = _read(choice.get("function"), _Function).name
            return ForcedTools(_pick([name], tools), "required", only_one=True)
        case "allowed_tools":
            return _allowed(_read(choice.get("allowed_tools"), _Allowed), tools)
        case _:
            return None


def _allowed(allowed: _Allowed, tools: Sequence[Fields]) -> ForcedTools:
    names = [tool.function.name for tool in allowed.tools if tool.function is not None]
    others = tuple(tool.type for tool in allowed.tools if tool.function is None)
    if "function" in others:
        raise InvalidError('tool_choice: a tool of the type "function" is named by {"name": ...}', param=PARAM)
    return ForcedTools(_pick(names, tools), allowed.mode, only_one=False, others=others)


def _pick(names: Sequence[str], tools: Sequence[Fields]) -> tuple[Fields, ...]:
    known = {_name(tool): tool for tool in tools}
    for name in names:
        if name not in known:
            there = ", ".join(name for name in known if name) or "empty"
            raise InvalidError(f"tool_choice names {name!r}, which is not in tools: {there}", param=PARAM)
    return tuple(known[name] for name in names)


def _name(tool: Fields) -> str:
    try:
        return msgspec.json.decode(tool["function"], type=_Function).name
    except (KeyError, msgspec.MsgspecError):
        return ""  # not a function, or broken: the engine's to judge


def _read(raw: msgspec.Raw | None, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw or b"null", type=kind)
    except msgspec.MsgspecError as error:
        raise InvalidError(
            'tool_choice is a word, {"type": "function", "function": {"name": ...}}, or '
            f'{{"type": "allowed_tools", "allowed_tools": {{"mode": ..., "tools": [...]}}}}: {error}',
            param=PARAM,
        ) from error
