"""The process that tries whether llama.cpp knows a file: architecture, vocabulary, and the shape of every tensor.

With `no_alloc` llama.cpp reads all of the head, holds every tensor against what the architecture asks for, and then
maps the file. A server cannot be made of that: it ends the process by an assertion that names the setting, or, where
the file is larger than this process's memory may be, it says that it cannot map it. Either way it has found nothing
wrong. Anything else is a reason.
"""

import ctypes
import importlib
import sys
from typing import Any

REFUSED = 3


def main() -> None:
    """Try the file that the command line names."""
    native: Any = importlib.import_module("xllamacpp")
    made = native.CommonParams()
    made.model.path = sys.argv[1]
    made.ui, made.warmup, made.offline, made.fit_params, made.no_alloc = False, False, True, False, True
    made.hostnames, made.port = ["127.0.0.1"], 0
    made.verbosity = 1
    try:
        native.Server(made)
    except RuntimeError:
        _write_log()
        sys.exit(REFUSED)


def _write_log() -> None:
    """Have all of the log written, which llama.cpp does in a thread that an end does not wait for."""
    library = ctypes.CDLL(importlib.import_module("xllamacpp.xllamacpp").__file__)
    log, flush = library._Z15common_log_mainv, library._Z16common_log_flushP10common_log  # noqa: SLF001 # C++ names
    log.restype, flush.argtypes, flush.restype = ctypes.c_void_p, (ctypes.c_void_p,), None
    flush(log())


if __name__ == "__main__":
    main()
