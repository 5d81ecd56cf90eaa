"""Settings of the limits service: the [limits] table."""

from tulou.kernel.message import message


@message
class LimitsSettings:
    """How shares are lent; times in seconds.

    lease_s: how long a gateway may spend a share before it must speak up again
    skew_s: how much later than that an untold share is presumed used, and a place is given to others
    sweep_s: how often untold shares, warnings and changes by other processes are looked for, in 1,000 limits each time
    active_s: how long a silent gateway still counts among those that share
    keep_s: how long the last answer to a gateway is kept for it to ask again
    max_limits: how many limits a house may have; all of them are in every gateway's memory, about 1 KiB each
    tenant_share: what part of max_limits the people of one tenant may take up; who reaches over the house may do more
    max_accounts: how many pairs of a limit and a subject may have a rate in memory
    """

    lease_s: float = 10.0
    skew_s: float = 2.0
    sweep_s: float = 2.0
    active_s: float = 15.0
    keep_s: float = 3600.0
    max_limits: int = 100_000
    tenant_share: float = 0.5
    max_accounts: int = 200_000
