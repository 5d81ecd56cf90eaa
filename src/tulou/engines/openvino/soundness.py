"""Look through a GGUF file before OpenVINO does: a damaged one ends its process without a word."""

import importlib
from pathlib import Path
from typing import Any

from tulou.engines.openvino.support import ARCHITECTURES, QUANTIZATIONS
from tulou.kernel.errors import InvalidError

_TENSORS = QUANTIZATIONS | {"F32"}


def check_file(path: Path) -> int:
    """Return the context the model was trained for, 0 if unsaid; raise `InvalidError` for what would not load."""
    gguf: Any = importlib.import_module("gguf")  # slow to import, and not needed to ask what is supported
    try:
        reader = gguf.GGUFReader(path)
    except Exception as error:  # a damaged file fails the reader in any of a dozen ways
        raise InvalidError(f"{path.name}: not a sound GGUF file ({error}); import it again") from error
    architecture = str(_value(reader, "general.architecture") or "")
    kinds = {tensor.tensor_type.name for tensor in reader.tensors}
    if architecture not in ARCHITECTURES or not kinds <= _TENSORS:
        raise InvalidError(
            f"{path.name}: a {architecture or 'nameless'} with tensors in {', '.join(sorted(kinds))}; OpenVINO loads "
            f"{', '.join(sorted(ARCHITECTURES))} in {', '.join(sorted(_TENSORS))}; deploy it on engine llamacpp"
        )
    trained = _value(reader, f"{architecture}.context_length")
    return trained if isinstance(trained, int) else 0


def _value(reader: Any, name: str) -> object:
    field = reader.get_field(name)
    return field.contents() if field else None
