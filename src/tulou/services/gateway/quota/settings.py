"""Settings of the quota; the gateway has each of them in its table, with `quota_` before its name."""

from tulou.kernel.message import message


@message
class QuotaSettings:
    """Times in seconds.

    ask_s: how long a request waits for its share before the limit's `away` behaviour holds
    tell_s: how soon what was used is told
    idle_s: how soon a share that nobody uses is given back
    reserved_s: how long a reservation may last; one that is not ended then is settled at its estimate
    output_tokens: how many tokens of output are set aside for a request that does not say `max_tokens`, where no
        vendor is told a cap for it
    subjects: pairs of a limit and a subject that are kept in memory
    """

    ask_s: float = 2.0
    tell_s: float = 1.0
    idle_s: float = 1.0
    reserved_s: float = 3600.0
    output_tokens: int = 1024
    subjects: int = 50_000
