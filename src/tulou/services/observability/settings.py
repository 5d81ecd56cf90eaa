"""Settings of observability."""

from tulou.kernel.message import message


@message
class ObservabilitySettings:
    """The `[observability]` table.

    expire_s: Seconds of silence after which a process is forgotten.
    max_sources: Processes that may report at the same time.
    max_report_bytes: Size of one report, in bytes.
    max_models: Models counted by name in the overview; the rest are `other`.
    max_log_lines: Lines that one reading of the logs may return.
    max_log_scan_bytes: Bytes of one process's logs that one reading may look through, newest first.
    """

    expire_s: float = 10.0
    max_sources: int = 256
    max_report_bytes: int = 4 * 1024 * 1024
    max_models: int = 50
    max_log_lines: int = 2000
    max_log_scan_bytes: int = 32 * 1024 * 1024
