"""What workers inherit of the environment: they load the models of strangers, and need none of the house's secrets."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tulou.assembly.settings import HouseSettings
from tulou.kernel.environment import without_secrets

NAMES = frozenset({"TULOU_CONFIG", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CACHE_HOME"})
OURS = ("TULOU_HOUSE__", "TULOU_REPLICA__", "TULOU_REMOTES__")
"""The tables of settings that a worker reads."""
RUNTIMES = (
    *("CUDA_", "NVIDIA_", "HIP_", "HSA_", "ROCR_", "ROCM_", "SYCL_", "ONEAPI_", "ZE_", "VK_"),
    *("GGML_", "LLAMA_", "OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "TBB_", "OV_", "OPENVINO_", "ONEDNN_", "ORT_"),
)
"""How what computes is told of devices and threads."""
_REFERENCE = "env"


def worker_environment(given: Mapping[str, str], house: HouseSettings, *, blobs: str) -> dict[str, str]:
    """Return what of the environment says how a worker runs, and what opens the store that it fetches models from."""
    names = NAMES | set(house.worker_environment) | _keys(blobs)
    prefixes = (*OURS, *RUNTIMES, *(("AWS_",) if urlsplit(blobs).scheme == "s3" else ()))
    chosen = {name: value for name, value in given.items() if name in names or name.startswith(prefixes)}
    return without_secrets(given) | chosen


def _keys(blobs: str) -> set[str]:
    """Return the variables that the URL of the blob store refers to."""
    values = [value for each in parse_qs(urlsplit(blobs).query).values() for value in each]
    return {parts.netloc for value in values if (parts := urlsplit(value)).scheme == _REFERENCE}
