"""Settings of the metering service: the [metering] table."""

from tulou.kernel.message import message


@message
class MeteringSettings:
    """What is kept how long, and how much may come at once. Sums by day are kept for ever.

    currency: the one currency that all prices of the house are in
    built_in_prices: whether the list of prices that comes with Tulou holds where the house has no price of its own
    dollar_rate: what a US dollar is in the house's currency, for that list; 0: unknown, so that it holds in USD alone
    keep_entries_days: how long raw entries are kept; what is older cannot be recomputed any more
    keep_denied_days: how long entries are kept that the house itself refused; sums keep their numbers
    keep_hours_days: how long sums by hour are kept; older spans are widened to whole days
    batch: entries that may be ingested at once
    prices: prices that the book may hold; every gateway has them all in memory
    quarantine: entries that wait because no ledger can hold them; more are lost, counted and logged
    refused_events: callers of one batch whose refused requests are told of by name; the rest are told of as one number
    sweep_s: how often what is too old is removed
    """

    currency: str = "USD"
    built_in_prices: bool = True
    dollar_rate: float = 0.0
    keep_entries_days: float = 400.0
    keep_denied_days: float = 30.0
    keep_hours_days: float = 400.0
    batch: int = 5_000
    prices: int = 10_000
    quarantine: int = 10_000
    refused_events: int = 100
    sweep_s: float = 300.0
