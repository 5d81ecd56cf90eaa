"""A graph and its rules: token numbers in, one vector a text out. Blocking; the engine calls it in a thread."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tulou.engines.onnx.settings import PoolingRules
from tulou.kernel.errors import InvalidError

Floats = NDArray[np.float32]

_JUDGEMENTS = ("logits", "scores", "probabilities", "label")
"""What the output of a classifier or a ranker is called, whose numbers are no vectors."""
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class OnnxEncoder:
    """One loaded model."""

    def __init__(self, path: Path, rules: PoolingRules, *, threads: int) -> None:
        ort: Any = importlib.import_module("onnxruntime")  # it has no types
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Idle threads would spin for a while after each batch, on cores that other replicas need; it costs 2 %
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session: Any = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            self._inputs = {one.name for one in self._session.get_inputs()}
            self._output: str = self._session.get_outputs()[0].name
        except Exception as error:  # the runtime's own errors have no common class
            raise InvalidError(f"{path.name}: ONNX Runtime cannot load it ({str(error)[:200]})") from error
        self._rules = rules
        if "input_ids" not in self._inputs or not self._inputs <= _INPUTS:
            raise InvalidError(f"{path.name}: takes {', '.join(sorted(self._inputs))}; a text encoder takes input_ids")
        if any(word in self._output for word in _JUDGEMENTS):
            raise InvalidError(f"{path.name}: gives {self._output}; a text encoder gives states or vectors")

    def encode(self, tokens: Sequence[Sequence[int]]) -> Floats:
        """Return one row a text, in order."""
        ids, mask = _padded(tokens)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feeds = {name: given[name] for name in self._inputs}
        states: Floats = self._session.run([self._output], feeds)[0]
        vectors = states if states.ndim == 2 else _pool(states, mask, self._rules.pooling)  # noqa: PLR2004 # pooled already
        return _unit(vectors) if self._rules.normalize else vectors


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.zeros((len(tokens), max(len(row) for row in tokens)), dtype=np.int64)
    mask = np.zeros_like(ids)
    for index, row in enumerate(tokens):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def _pool(states: Floats, mask: NDArray[np.int64], how: str) -> Floats:
    if how == "cls":
        return states[:, 0]
    seen = mask[..., None].astype(np.float32)
    if how == "max":
        return np.where(seen > 0, states, -np.inf).max(axis=1).astype(np.float32)
    return (states * seen).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
