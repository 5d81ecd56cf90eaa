"""Settings of the governance service: the [governance] table."""

from tulou.kernel.message import message


@message
class GovernanceSettings:
    """How many roles and policies there may be, and what the audit trail keeps.

    max_roles: how many roles a house may have beside the built-in ones
    max_policies: how many policies a house may have; those about inference are in every gateway's memory
    refusals: whether requests for inference that were refused are kept in the audit trail too
    keep_denied_days: how long records of what was refused are kept; changes are kept for ever
    max_denied: how many records of what was refused are kept at most; the oldest go first
    sweep_s: how often refusals that are kept no longer are removed
    """

    max_roles: int = 200
    max_policies: int = 500
    refusals: bool = True
    keep_denied_days: float = 90.0
    max_denied: int = 200_000
    sweep_s: float = 3_600.0
