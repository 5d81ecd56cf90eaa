"""Settings of the governance service: the [governance] table."""

from tulou.kernel.message import message


@message
class GovernanceSettings:
    """How many roles and policies there may be, and what the audit trail keeps.

    max_roles: how many roles a house may have beside the built-in ones
    max_policies: how many policies a house may have; those about inference are in every gateway's memory
    refusals: whether requests for inference that were refused are kept in the audit trail too
    """

    max_roles: int = 200
    max_policies: int = 500
    refusals: bool = True
