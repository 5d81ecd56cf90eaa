"""How sentence-transformers makes one vector of many: read from its folder, written as one small file."""

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from tulou.adapters.onnx.folder import read_json
from tulou.kernel.errors import InvalidError

T = TypeVar("T")


class Pooling(msgspec.Struct, frozen=True, kw_only=True):
    """`pooling.json`: which tokens make the vector, whether its length is made 1, where texts are cut."""

    pooling: str = "mean"
    normalize: bool = True
    max_tokens: int = 512
    dimensions: int = 0


class _SentenceBert(msgspec.Struct):
    max_seq_length: Annotated[int, msgspec.Meta(ge=1, lt=2**31)] | None = None


class _PoolingConfig(msgspec.Struct):
    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = True
    pooling_mode_max_tokens: bool = False


class _Module(msgspec.Struct):
    type: str


def read_pooling(folder: Path, *, longest: int, dimensions: int) -> Pooling:
    """Return the folder's own rules; a folder without any means the mean over at most `longest` tokens, length 1."""
    cut = _read(folder / "sentence_bert_config.json", _SentenceBert) or _SentenceBert()
    modes = _read(folder / "1_Pooling" / "config.json", _PoolingConfig) or _PoolingConfig()
    modules = _read(folder / "modules.json", list[_Module])
    return Pooling(
        pooling=_mode(modes),
        normalize=modules is None or any(module.type.endswith("Normalize") for module in modules),
        max_tokens=min(longest, cut.max_seq_length or longest),
        dimensions=dimensions,
    )


def _mode(config: _PoolingConfig) -> str:
    if config.pooling_mode_cls_token:
        return "cls"
    if config.pooling_mode_max_tokens:
        return "max"
    if config.pooling_mode_mean_tokens:
        return "mean"
    raise InvalidError("1_Pooling/config.json asks for a pooling other than cls, mean or max; it cannot be exported")


def _read(path: Path, kind: type[T]) -> T | None:
    return read_json(path, kind) if path.is_file() else None
