"""When a process was born, so that a number that was given to another process since is not taken for it."""

from pathlib import Path

import psutil

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_START_FIELD = 19  # the 22nd field of /proc/<pid>/stat, counted from the one after the command's closing bracket


def birth(pid: int) -> str | None:
    """Return what no two processes share, however often the machine restarts; None for one that is gone or a zombie."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return _ticks(pid) or f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def find_by_argument(argument: str) -> int | None:
    """Return the process that was started with this argument, or None."""
    for process in psutil.process_iter(["cmdline", "status"]):
        if argument in (process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            return process.pid
    return None


def _ticks(pid: int) -> str:
    """Return boot id and start in clock ticks: unlike Unix times they do not move when the clock is set."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2]
        return f"{_BOOT.read_text().strip()}:{after_name.split()[_START_FIELD]}"
    except (OSError, IndexError):
        return ""
