"""The [serving] table of tulou.toml."""

from tulou.kernel.message import message


@message
class ServingSettings:
    """How replicas are kept; times in seconds.

    surge: how many replicas there may be beyond those wanted while one generation replaces another
    schedule_deadline_s: how long it may take to verify a model and start a worker
    settle_s: how long a new replica must have announced itself before an old one is drained for it
    lost_after_s: how long silence means nothing after the control process began to listen
    unreachable_deadline_s: how long a worker that runs may be silent before it is replaced
    quiet_s: how long a draining replica is kept at least, for requests that were on their way to it
    stop_grace_s: how long a worker may take to end when it is asked to
    backoff_s: the first pause before a failed replica is started again; it doubles
    backoff_max_s: the longest such pause
    stable_s: a replica that ran so long starts from the first pause again
    verified_s: how long a verification of a model's files and signature holds
    probe_s: how often upstreams are looked at
    probe_timeout_s: how long an upstream may take to answer a probe
    probe_backoff_s: the first pause after a probe that failed; it doubles up to `probe_s`
    models_s: how often a vendor is asked which models it lists, for entries that answer for many
    context_length: tokens of context where neither deployment nor model says how many, and the most taken unasked
    """

    surge: int = 1
    schedule_deadline_s: float = 600.0
    settle_s: float = 0.5
    lost_after_s: float = 2.5
    unreachable_deadline_s: float = 10.0
    quiet_s: float = 1.0
    stop_grace_s: float = 10.0
    backoff_s: float = 0.2
    backoff_max_s: float = 30.0
    stable_s: float = 60.0
    verified_s: float = 300.0
    probe_s: float = 10.0
    probe_timeout_s: float = 5.0
    probe_backoff_s: float = 0.5
    models_s: float = 600.0
    context_length: int = 8192
