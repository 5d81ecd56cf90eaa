"""The rules' figures, from the settings and from what workers say when they end."""

from tulou.contracts.replica.messages import HOPELESS
from tulou.services.serving.domain.values import ReconcileRules
from tulou.services.serving.settings import ServingSettings


def rules_of(settings: ServingSettings) -> ReconcileRules:
    """Return the figures that the rules need."""
    return ReconcileRules(
        surge=settings.surge,
        schedule_deadline_s=settings.schedule_deadline_s,
        settle_s=settings.settle_s,
        lost_after_s=settings.lost_after_s,
        unreachable_deadline_s=settings.unreachable_deadline_s,
        quiet_s=settings.quiet_s,
        stop_grace_s=settings.stop_grace_s,
        backoff_s=settings.backoff_s,
        backoff_max_s=settings.backoff_max_s,
        stable_s=settings.stable_s,
        hopeless=frozenset(int(code) for code in HOPELESS),
    )
