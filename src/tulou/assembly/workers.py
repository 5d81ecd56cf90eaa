"""What workers inherit of the environment: they load the models of strangers, and need none of the house's secrets."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tulou.assembly.settings import HouseSettings
from tulou.kernel.environment import without_secrets

NAMES = frozenset({"TULOU_CONFIG", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CACHE_HOME", "LD_PRELOAD"})
OURS = ("TULOU_HOUSE__", "TULOU_REPLICA__", "TULOU_REMOTES__")
"""The tables of settings that a worker reads."""
RUNTIMES = (
    *("CUDA_", "NVIDIA_", "HIP_", "HSA_", "ROCR_", "ROCM_", "SYCL_", "ONEAPI_", "ZE_", "VK_", "OCL_", "GPU_"),
    *("GGML_", "LLAMA_", "OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "TBB_", "OV_", "OPENVINO_", "ONEDNN_", "ORT_"),
    "PYTORCH_",
)
"""How what computes is told of devices and threads."""
SECRET = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
"""How names of secrets end, whatever they begin with: vendors are called NVIDIA and Llama too."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
"""By way of what a store is reached, where that is a server."""
TOLD = (*OURS, *RUNTIMES)
_REFERENCE = "env"


def worker_environment(given: Mapping[str, str], house: HouseSettings, *, blobs: str) -> dict[str, str]:
    """Return what of the environment says how a worker runs, and what opens the store that it fetches models from."""
    names = NAMES | set(house.worker_environment) | _keys(blobs)
    prefixes: tuple[str, ...] = ()
    if urlsplit(blobs).scheme == "s3":
        names |= {*PROXIES, *(name.lower() for name in PROXIES)}
        prefixes = ("AWS_",)
    chosen = {
        name: value
        for name, value in given.items()
        if name in names or name.startswith(prefixes) or (name.startswith(TOLD) and not name.endswith(SECRET))
    }
    return without_secrets(given) | chosen


def _keys(blobs: str) -> set[str]:
    """Return the variables that the URL of the blob store refers to."""
    values = [value for each in parse_qs(urlsplit(blobs).query).values() for value in each]
    return {parts.netloc for value in values if (parts := urlsplit(value)).scheme == _REFERENCE}
