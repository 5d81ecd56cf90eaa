"""The shape of tools, looked at here because engines fail on broken ones instead of refusing them."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from tulou.services.gateway.refusals import WrongTypeError

Fields = dict[str, msgspec.Raw]


class _Function(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    description: str | None = None
    parameters: Fields | None = None


_KIND = msgspec.json.Decoder(str)
_FUNCTION = msgspec.json.Decoder(_Function)


def check_tools(tools: Sequence[Fields]) -> None:
    """Raise `WrongTypeError` for a tool without a type, or a function without a name; other types are the engine's."""
    for index, tool in enumerate(tools):
        _check(tool, f"tools[{index}]", f"/tools/{index}")


def _check(tool: Fields, place: str, pointer: str) -> None:
    try:
        kind = _KIND.decode(tool["type"])
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise WrongTypeError(
            f'{place}: a tool needs a "type", such as "function"', param=place, pointer=pointer
        ) from error
    if kind != "function":
        return
    try:
        _FUNCTION.decode(tool["function"])
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        words = f"{place}.function: {'it is missing' if isinstance(error, KeyError) else error}"
        raise WrongTypeError(words, param=f"{place}.function", pointer=f"{pointer}/function") from error
