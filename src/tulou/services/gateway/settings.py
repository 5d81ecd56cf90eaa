"""Settings of the gateway: the [gateway] table of tulou.toml."""

from dataclasses import fields
from typing import Any

from tulou.kernel.message import message
from tulou.services.gateway.ledger.settings import LedgerSettings
from tulou.services.gateway.quota.settings import QuotaSettings


@message
class GatewaySettings:
    """Caps and deadlines of one gateway process; times in seconds, sizes in bytes.

    in_flight: requests that may be worked on at once; more wait
    queue: requests that may wait; more are refused with 503
    queue_s: how long a request waits before it is refused
    body_bytes: the largest body of an inference request
    bodies_bytes: what all request bodies in memory may take together
    tenant_share: the part of requests in flight and in the queue, of bodies and of connections that one tenant may have
    answer_bytes: the largest answer that is not a stream
    answers_bytes: what whole answers in memory may take together, but for small ones; one that is larger comes alone
    unread_bytes: what answers that clients do not read may take together; who holds most of it is cut off beyond
    connections: connections that clients may hold open; one address, but for `proxies`, may hold `tenant_share` of them
    upstream_connections: connections to one replica
    head_s: how long a client may take to send a request's head
    body_s: how long a body may come slower than at 4 KiB/s, at any time
    heartbeat_s: how long a stream may be silent before its client gets a comment or a ping, and then again
    stall_s: how long a client may take nothing of an answer that waits for it
    keep_alive_s: how long an idle connection of a client is kept
    probe_s: how often a replica that refused a connection is looked at again
    snapshot_grace_s: how long replicas are kept that a restarted control process has not heard of yet
    cors_origins: origins that browsers may call from; empty switches CORS off, "*" allows all
    proxies: addresses or networks of proxies in front of the gate, which are believed what they say of their clients
    wrong_keys: unknown keys in a minute from one address (of IPv6, one /64) that are answered 401; more get 429
    models_cap: models that get metric series of their own; the rest are counted as `other`
    tenants_cap: tenants that get metric series of their own; the rest are counted as `~other`, and see no overview
    tenant_series_cap: a tenant at a model's endpoint that gets metric series of its own; the rest are `~other`, too
    access_log: whether every request is logged
    console_idle_s: how long a console request may stay silent
    upload_bytes: the largest body that is passed on to files and batches
    responses_keep_days: how long answers of /v1/responses are kept
    responses_s: how long a request waits for the answers before it, or for its own to be kept
    ledger_sync_s: how long an entry may be on its way to the disk itself; a loss of power costs at most as much
    ledger_segment_bytes: how large a file of the ledger grows before the next one is begun
    ledger_spool_bytes: what the ledger may take on this host's disk; entries beyond it are counted and lost
    ledger_held_bytes: what of the ledger may wait in memory while the disk takes nothing
    ledger_batch: entries of the ledger that are shipped at once
    ledger_every_s: how long entries wait for others to be shipped with
    ledger_backoff_s: the longest pause between attempts while metering is away
    quota_ask_s: how long a request waits for its share of a limit before the limit's `away` behaviour holds
    quota_tell_s: how soon what was used of a limit is told
    quota_idle_s: how soon a share of a limit that nobody uses is given back
    quota_reserved_s: how long a reservation may last; one that is not ended then is settled at its estimate
    quota_output_tokens: how many tokens of output are set aside for a request that does not say `max_tokens`, where no
        vendor is told a cap for it
    quota_subjects: pairs of a limit and a subject that are kept in memory
    """

    in_flight: int = 2048
    queue: int = 2048
    queue_s: float = 10.0
    body_bytes: int = 10 * 1024 * 1024
    bodies_bytes: int = 64 * 1024 * 1024
    tenant_share: float = 0.5
    answer_bytes: int = 64 * 1024 * 1024
    answers_bytes: int = 64 * 1024 * 1024
    unread_bytes: int = 16 * 1024 * 1024
    connections: int = 8192
    upstream_connections: int = 1024
    head_s: float = 10.0
    body_s: float = 20.0
    heartbeat_s: float = 15.0
    stall_s: float = 60.0
    keep_alive_s: float = 75.0
    probe_s: float = 0.5
    snapshot_grace_s: float = 5.0
    cors_origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    wrong_keys: int = 20
    models_cap: int = 100
    tenants_cap: int = 100
    tenant_series_cap: int = 1000
    access_log: bool = True
    console_idle_s: float = 300.0
    upload_bytes: int = 512 * 1024 * 1024
    responses_keep_days: float = 30.0
    responses_s: float = 5.0
    ledger_sync_s: float = 0.2
    ledger_segment_bytes: int = 16 * 1024 * 1024
    ledger_spool_bytes: int = 8 * 1024 * 1024 * 1024
    ledger_held_bytes: int = 16 * 1024 * 1024
    ledger_batch: int = 500
    ledger_every_s: float = 1.0
    ledger_backoff_s: float = 15.0
    quota_ask_s: float = 2.0
    quota_tell_s: float = 1.0
    quota_idle_s: float = 1.0
    quota_reserved_s: float = 3600.0
    quota_output_tokens: int = 1024
    quota_subjects: int = 50_000

    @property
    def ledger(self) -> LedgerSettings:
        """Return those of the ledger."""
        return LedgerSettings(**self._of(LedgerSettings, "ledger"))

    @property
    def quota(self) -> QuotaSettings:
        """Return those of the quota."""
        return QuotaSettings(**self._of(QuotaSettings, "quota"))

    def _of(self, kind: type[LedgerSettings | QuotaSettings], prefix: str) -> dict[str, Any]:
        """Return the fields of another class of settings, which are here with a prefix before their names."""
        return {field.name: getattr(self, f"{prefix}_{field.name}") for field in fields(kind)}
