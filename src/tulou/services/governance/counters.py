"""What governance counts about itself."""

from prometheus_client import CollectorRegistry, Counter

from tulou.contracts.governance.messages import Decision


class GovernanceCounters:
    """The metrics, in the registry they are given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        decisions = Counter("tulou_governance_decisions_total", "Questions decided.", ("outcome",), registry=registry)
        self._allowed = decisions.labels("allowed")
        self._denied = decisions.labels("denied")
        self._forbidden = decisions.labels("forbidden")

    def decided(self, decision: Decision) -> None:
        """Count a decision: what no role permits is denied, what a policy keeps from somebody is forbidden."""
        if decision.allowed:
            self._allowed.inc()
        elif decision.policies:
            self._forbidden.inc()
        else:
            self._denied.inc()
