"""Deployments as they are shown: what is kept, together with what discovery and the launcher know just now."""

from collections.abc import Mapping, Sequence

from tulou.contracts.discovery.messages import LiveReplica
from tulou.contracts.serving.messages import Deployment, ReplicaStatus
from tulou.services.serving.domain.plans import StoredDeployment
from tulou.services.serving.domain.values import KeptReplica


def deployment_of(
    stored: StoredDeployment, kept: Sequence[KeptReplica], live: Mapping[str, LiveReplica], places: Mapping[str, str]
) -> Deployment:
    """Return a deployment with its replicas."""
    return Deployment(
        spec=stored.spec,
        generation=stored.generation,
        version=stored.artifact.version,
        task=stored.artifact.task,
        engine=stored.artifact.engine,
        context_length=stored.artifact.context_length,
        state=stored.state,
        why=stored.why,
        since=stored.since,
        created_at=stored.created_at,
        replicas=tuple(_replica(replica, live.get(replica.id), places.get(replica.id, "")) for replica in kept),
    )


def _replica(kept: KeptReplica, live: LiveReplica | None, place: str) -> ReplicaStatus:
    return ReplicaStatus(
        id=kept.id,
        deployment=kept.deployment,
        generation=kept.generation,
        version=kept.version,
        engine=kept.engine,
        state=kept.state,
        why=kept.why,
        since=kept.since,
        deadline=kept.deadline,
        place=place or (live.replica.place if live else ""),
        url=live.replica.url if live else "",
        restarts=kept.restarts,
        running=live.load.running if live else 0,
        waiting=live.load.waiting if live else 0,
    )
