"""What belongs to an encoder besides its graph: the rules of its artifact, and what a deployment asks for."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.ports.engine import EngineSpec, OptionValue

POOLINGS = ("mean", "cls", "max")


@message
class PoolingRules:
    """`pooling.json` of the artifact: how token vectors become one, whether its length is made 1, where texts end."""

    pooling: str = "mean"
    normalize: bool = True
    max_tokens: int = 512
    dimensions: int = 0


@message
class OnnxOptions:
    """The options by name.

    threads: cores one batch may use; 0 means all there are
    truncate: cut a text that is too long, as the model's makers do; otherwise it is refused
    batch_tokens: tokens, padding too, of the largest batch
    """

    threads: int = 0
    truncate: bool = True
    batch_tokens: int = 2048


def read_rules(spec: EngineSpec) -> PoolingRules:
    """Return the artifact's rules, shortened to the context that is asked for; raise `InvalidError` for odd ones."""
    path = spec.files.get("pooling.json")
    try:
        rules = msgspec.json.decode(Path(path).read_bytes(), type=PoolingRules) if path else PoolingRules()
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidError(f"pooling.json: {error}") from error
    except RecursionError as error:
        raise InvalidError("pooling.json is nested too deeply; import the model again") from error
    if rules.pooling not in POOLINGS or rules.max_tokens < 1:
        raise InvalidError(f"pooling.json: pooling is one of {', '.join(POOLINGS)}, max_tokens at least 1")
    longest = min(rules.max_tokens, spec.context_length or rules.max_tokens)
    return replace(rules, max_tokens=longest)


def read_options(options: Mapping[str, OptionValue]) -> OnnxOptions:
    """Return the options; raise `InvalidError` for an unknown name or a value of the wrong kind."""
    known = OnnxOptions.__dataclass_fields__
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1) or list(known)
            raise InvalidError(f"engine onnx has no option {name!r}; did you mean {near[0]!r}?")
    try:
        made = msgspec.convert(options, type=OnnxOptions)
    except msgspec.ValidationError as error:
        raise InvalidError(f"options of engine onnx: {error}") from error
    if made.threads < 0 or made.batch_tokens < 1:
        raise InvalidError("options of engine onnx: threads is at least 0, batch_tokens at least 1")
    return made
