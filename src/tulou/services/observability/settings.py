"""Settings of observability: the [observability] table."""

from tulou.kernel.message import message


@message
class ObservabilitySettings:
    """How much is kept of what processes report and log.

    expire_s: seconds of silence after which a process is forgotten
    max_sources: processes that may report at the same time
    max_report_bytes: size of one report, in bytes
    max_models: models counted by name in the overview; the rest are `other`
    max_tenant_figures: what overviews of tenants are made of, a figure being a tenant's second at a model; where there
        are more, tenants look back less far
    max_log_lines: lines that one reading of the logs may return
    max_log_scan_bytes: bytes of one process's logs that one reading may look through, newest first
    log_keep_s: how long the log of a process that is gone is kept, in seconds
    log_max_bytes: bytes that all logs may hold together; the oldest go first
    log_sweep_s: how often old logs are looked for, in seconds
    """

    expire_s: float = 10.0
    max_sources: int = 256
    max_report_bytes: int = 4 * 1024 * 1024
    max_models: int = 50
    max_tenant_figures: int = 100_000
    max_log_lines: int = 2000
    max_log_scan_bytes: int = 32 * 1024 * 1024
    log_keep_s: float = 14 * 86_400.0
    log_max_bytes: int = 1024 * 1024 * 1024
    log_sweep_s: float = 600.0
