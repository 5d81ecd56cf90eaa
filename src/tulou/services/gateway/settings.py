"""Settings of the gateway: the [gateway] table of tulou.toml."""

from tulou.kernel.message import message


@message
class GatewaySettings:
    """Caps and deadlines of one gateway process; times in seconds, sizes in bytes.

    in_flight: requests that may be worked on at once; more wait
    queue: requests that may wait; more are refused with 503
    queue_s: how long a request waits before it is refused
    body_bytes: the largest body of an inference request
    bodies_bytes: what all request bodies in memory may take together
    answer_bytes: the largest answer that is not a stream
    connections: connections that clients may hold open
    upstream_connections: connections to one replica
    head_s: how long a client may take to send a request's head
    body_s: the grace before a body must keep coming at 4 KiB/s
    stall_s: how long a client may take nothing of an answer that waits for it
    keep_alive_s: how long an idle connection of a client is kept
    probe_s: how often a replica that refused a connection is looked at again
    snapshot_grace_s: how long replicas are kept that a restarted control process has not heard of yet
    cors_origins: origins that browsers may call from; empty switches CORS off, "*" allows all
    models_cap: models that get metric series of their own; the rest are counted as `other`
    access_log: whether every request is logged
    console_idle_s: how long a console request may stay silent
    """

    in_flight: int = 2048
    queue: int = 2048
    queue_s: float = 10.0
    body_bytes: int = 10 * 1024 * 1024
    bodies_bytes: int = 256 * 1024 * 1024
    answer_bytes: int = 64 * 1024 * 1024
    connections: int = 8192
    upstream_connections: int = 1024
    head_s: float = 10.0
    body_s: float = 20.0
    stall_s: float = 60.0
    keep_alive_s: float = 75.0
    probe_s: float = 0.5
    snapshot_grace_s: float = 5.0
    cors_origins: tuple[str, ...] = ()
    models_cap: int = 100
    access_log: bool = True
    console_idle_s: float = 300.0
