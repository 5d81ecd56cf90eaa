"""From our spec to llama.cpp's parameters, with everything closed that its server leaves open."""

import importlib
import os
from pathlib import Path
from typing import Any

from tulou.engines.llamacpp.options import LlamaOptions
from tulou.kernel.errors import InvalidError
from tulou.ports.engine import EngineSpec

_WAITING_CONNECTIONS = 128
"""Each connection, idle ones of a pool too, holds one of the server's threads, so there must be plenty of them."""


def native() -> Any:
    """Return llama.cpp, loaded so that its threads sleep while they wait for one another.

    OpenMP's threads spin by default. On two cores that others used too, that cost nine tenths of the speed with
    four requests at a time (86 tokens/s; sleeping 1,141), and OpenMP reads its environment once, when it is loaded.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return importlib.import_module("xllamacpp")


def gguf_file(spec: EngineSpec) -> Path:
    """Return the file to load (the first part of a split model); raise `InvalidError` when there is none."""
    names = sorted(name for name in spec.files if name.endswith(".gguf") and not name.startswith("mmproj"))
    if not names:
        raise InvalidError(f"model {spec.model!r} has no .gguf file; engine llamacpp loads nothing else")
    return Path(spec.files[names[0]])


def parameters(spec: EngineSpec, options: LlamaOptions, *, context: int, pooled: bool) -> Any:
    """Return `CommonParams` for a server on a loopback port that only the holder of the token can use."""
    made: Any = native().CommonParams()
    made.model.path = str(gguf_file(spec))
    made.model_alias = {spec.model}
    _close_doors(made, spec)
    _size(made, spec, options, context)
    _threads(made, spec.threads or options.threads)
    if spec.task == "embedding":
        _embed(made, options, context, pooled=pooled)
    return made


def _close_doors(made: Any, spec: EngineSpec) -> None:
    made.hostnames = [spec.host]
    made.port = spec.port
    made.api_keys = [spec.token]
    made.ui = False
    made.cors_origins = ""
    made.endpoint_slots = False
    made.endpoint_props = False
    made.endpoint_metrics = True
    made.offline = True
    made.use_jinja = True
    made.verbosity = 1  # errors only: from 2 on, prompts get into the log
    made.n_threads_http = _WAITING_CONNECTIONS + 2 * spec.concurrency


def _size(made: Any, spec: EngineSpec, options: LlamaOptions, context: int) -> None:
    """Give each slot the whole context: a request that fits alone also fits when all slots are busy."""
    made.n_parallel = spec.concurrency
    made.n_ctx = context * spec.concurrency
    made.n_batch = min(options.batch, context)
    made.n_ubatch = min(512, made.n_batch)
    made.cache_ram_mib = options.prompt_cache_mib
    made.fit_params = False  # it would shrink the context behind our back


def _threads(made: Any, wanted: int) -> None:
    """Leave one core to the rest of the house while a single request is decoded; prompts and batches take all."""
    cores = len(os.sched_getaffinity(0))
    made.cpuparams.n_threads = wanted or max(1, cores - 1)
    made.cpuparams_batch.n_threads = wanted or cores


def _embed(made: Any, options: LlamaOptions, context: int, *, pooled: bool) -> None:
    """Switch to vectors; a model that names no pooling of its own gets the mean."""
    made.embedding = True
    made.n_batch = made.n_ubatch = context  # an encoder reads a text in one piece
    pooling = options.pooling if options.pooling != "auto" or pooled else "mean"
    if pooling != "auto":
        kinds = native().llama_pooling_type
        made.pooling_type = kinds[f"LLAMA_POOLING_TYPE_{pooling.upper()}"]
