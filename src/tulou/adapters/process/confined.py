"""The child: `python -m tulou.adapters.process.confined CPU_S MEMORY WALL_S MODULE ARGUMENTS...`."""

import resource
import runpy
import signal
import sys

WRITTEN = 64 * 1024 * 1024
"""Bytes that it may write into any file: logs, no more."""
FILES = 256


def main(arguments: list[str]) -> None:
    """Take the bounds, for good, and become the module."""
    cpu_s, memory, wall_s = (int(each) for each in arguments[:3])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 2))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    signal.alarm(wall_s + 5)  # where the parent was killed and cannot end it
    module = arguments[3]
    sys.argv[:] = arguments[3:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
