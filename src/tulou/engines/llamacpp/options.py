"""What a deployment may ask of llama.cpp beyond the common spec."""

import difflib
from collections.abc import Mapping

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.ports.engine import OptionValue


@message
class LlamaOptions:
    """The options by name.

    threads: decode and batch threads both; 0 leaves one core to the rest of the house while decoding
    prompt_cache_mib: memory for prompts seen before, over all requests
    batch: tokens of a prompt that are read before other requests get their turn
    pooling: how an embedding model makes one vector of many: auto, mean, cls or last
    """

    threads: int = 0
    prompt_cache_mib: int = 256
    batch: int = 512
    pooling: str = "auto"


_RANGES = {"threads": (0, 1024), "prompt_cache_mib": (0, 1 << 20), "batch": (32, 1 << 16)}
_POOLINGS = ("auto", "mean", "cls", "last")


def read_options(options: Mapping[str, OptionValue]) -> LlamaOptions:
    """Return the options; raise `InvalidError` for an unknown name or an impossible value."""
    known = LlamaOptions.__dataclass_fields__
    for name, value in options.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1) or list(known)
            raise InvalidError(f"engine llamacpp has no option {name!r}; did you mean {near[0]!r}?")
        _check(name, value)
    return LlamaOptions(**{name: options[name] for name in options})  # pyright: ignore[reportArgumentType] # checked


def _check(name: str, value: OptionValue) -> None:
    if name == "pooling":
        if value not in _POOLINGS:
            raise InvalidError(f"option pooling is one of {', '.join(_POOLINGS)}, not {value!r}")
        return
    low, high = _RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidError(f"option {name} is a whole number from {low} to {high}, not {value!r}")
