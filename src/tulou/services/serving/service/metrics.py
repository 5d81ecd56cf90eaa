"""Serving in figures."""

from collections import Counter as Count
from collections.abc import Sequence
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge

from tulou.contracts.serving.messages import ReplicaState
from tulou.services.serving.domain.values import KeptReplica

DEPLOYMENTS_MOST = 200
"""So many deployments have a series of their own; the rest are counted together."""


class ServingMetrics:
    """How many replicas are in which state, and how often one failed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._replicas = Gauge(
            "tulou_serving_replicas", "Replicas by deployment and state", ["deployment", "state"], registry=registry
        )
        self._failures = Counter(
            "tulou_serving_replica_failures", "Replicas that failed", ["deployment"], registry=registry
        )

    def tell(self, kept: Sequence[KeptReplica]) -> None:
        """Count the replicas as they are now."""
        names = sorted({replica.deployment for replica in kept})[:DEPLOYMENTS_MOST]
        counts = Count((_label(replica.deployment, names), replica.state) for replica in kept)
        self._replicas.clear()
        for name in {label for label, _ in counts}:
            for state in get_args(ReplicaState):
                self._replicas.labels(name, state).set(counts[name, state])

    def failed(self, deployment: str, known: Sequence[str]) -> None:
        """Count a replica that failed."""
        self._failures.labels(_label(deployment, sorted(known)[:DEPLOYMENTS_MOST])).inc()


def _label(deployment: str, names: Sequence[str]) -> str:
    return deployment if deployment in names else "other"
