"""What an answer repeats of its request, apart from the request: that may be large, and need not be there any more."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tulou.services.gateway.dialects.prompt import Prompt


def echoed(prompt: Prompt) -> Prompt:
    """Return a prompt without its turns, but for instructions before them, that shares no memory with its JSON."""
    first = tuple(turn for turn in prompt.turns[:1] if turn.role == "system")
    return _apart(msgspec.structs.replace(prompt, turns=first))


def _apart(value: Any) -> Any:
    """Return a value with copies of the raw JSON within it: such a piece holds all that it was cut from."""
    if isinstance(value, msgspec.Raw):
        return value.copy()
    if isinstance(value, msgspec.Struct):
        parts = {name: _apart(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **parts)
    if isinstance(value, tuple):
        return tuple(map(_apart, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of anything
    if isinstance(value, Mapping):
        return {name: _apart(part) for name, part in value.items()}  # pyright: ignore[reportUnknownVariableType] - the same
    return value
