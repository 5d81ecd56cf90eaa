"""What `config.json` of a model's folder says, as far as the registry needs it."""

from pathlib import Path
from typing import Annotated

import msgspec

from tulou.kernel.errors import InvalidError

CAP = 4 * 1024 * 1024
Size = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]


class FolderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The kind of a model, and the figures that every encoder has; what is not said, or null, is "" or 0."""

    model_type: str = ""
    architectures: tuple[str, ...] = ()
    max_position_embeddings: Size = 0
    hidden_size: Size = 0


class _Read(msgspec.Struct, frozen=True):
    model_type: str | None = None
    architectures: tuple[str, ...] | None = None
    max_position_embeddings: Size | None = None
    hidden_size: Size | None = None


def read_config(file: Path) -> FolderConfig:
    """Return what a `config.json` says; raise `InvalidError` for one that is too large, or says something else."""
    if file.stat().st_size > CAP:
        raise InvalidError(f"{file} is too large for a config.json", param="path")
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Read)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidError(f"{file} is no config.json of a Hugging Face model: {error}", param="path") from error
    except RecursionError as error:
        raise InvalidError(f"{file} is nested too deeply for a config.json", param="path") from error
    return FolderConfig(
        model_type=found.model_type or "",
        architectures=found.architectures or (),
        max_position_embeddings=found.max_position_embeddings or 0,
        hidden_size=found.hidden_size or 0,
    )
