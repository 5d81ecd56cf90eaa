"""Every component there is, and which of them make up the control process."""

from tulou.services.batches.component import COMPONENT as BATCHES
from tulou.services.configuration.component import COMPONENT as CONFIGURATION
from tulou.services.discovery.component import COMPONENT as DISCOVERY
from tulou.services.files.component import COMPONENT as FILES
from tulou.services.gateway.component import COMPONENT as GATEWAY
from tulou.services.governance.component import COMPONENT as GOVERNANCE
from tulou.services.identity.component import COMPONENT as IDENTITY
from tulou.services.jobs.component import COMPONENT as JOBS
from tulou.services.limits.component import COMPONENT as LIMITS
from tulou.services.metering.component import COMPONENT as METERING
from tulou.services.observability.component import COMPONENT as OBSERVABILITY
from tulou.services.registry.component import COMPONENT as REGISTRY
from tulou.services.replica.component import COMPONENT as REPLICA
from tulou.services.responses.component import COMPONENT as RESPONSES
from tulou.services.routing.component import COMPONENT as ROUTING
from tulou.services.serving.component import COMPONENT as SERVING
from tulou.services.training.component import COMPONENT as TRAINING
from tulou.services.upstreams.component import COMPONENT as UPSTREAMS

CATALOGUE = {
    component.name: component
    for component in (
        GATEWAY,
        ROUTING,
        DISCOVERY,
        UPSTREAMS,
        SERVING,
        REPLICA,
        REGISTRY,
        TRAINING,
        IDENTITY,
        GOVERNANCE,
        JOBS,
        LIMITS,
        METERING,
        CONFIGURATION,
        FILES,
        BATCHES,
        RESPONSES,
        OBSERVABILITY,
    )
}

CONTROL = tuple(name for name in CATALOGUE if name not in (GATEWAY.name, REPLICA.name))
"""Gateways and replicas are the data plane: processes of their own, each with one service."""
