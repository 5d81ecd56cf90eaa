"""What a process that reads the files of strangers may know of the environment: how to run, and no secret."""

from collections.abc import Mapping

INHERITED = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "HOME", "TMPDIR", "TZ"),
        *("LANG", "LC_ALL", "LC_CTYPE"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"),
        *("MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"),
    }
)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment says how a program runs; names that are not known to be harmless are left out."""
    return {name: value for name, value in environment.items() if name in INHERITED}
