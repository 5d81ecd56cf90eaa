"""How much memory a replica needs, before it is started."""

from collections.abc import Iterable

from tulou.contracts.registry.messages import ArtifactFile, Facts

OVERHEAD = 1.2
"""Buffers and the runtime beside the weights: what was measured lay between 1.05 and 1.2 of the files' size."""
_GROUPED = 4
"""Attention heads that share keys and values: the usual share of current models, where the facts do not say."""


def memory_needed(files: Iterable[ArtifactFile], facts: Facts, *, context_length: int) -> int:
    """Return an estimate in bytes: weights with their overhead, and keys and values of one full context."""
    weights = sum(file.size for file in files) * OVERHEAD
    return int(weights + context_length * _bytes_a_token(facts))


def _bytes_a_token(facts: Facts) -> float:
    """Count two bytes for each key and value of each layer; a layer of width d has about 12 d² weights."""
    if facts.task != "chat" or not facts.embedding_length:
        return 0.0
    layers = facts.parameters / (12 * facts.embedding_length**2)
    return layers * 2 * 2 * facts.embedding_length / _GROUPED
