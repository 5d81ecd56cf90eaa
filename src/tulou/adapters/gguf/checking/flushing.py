"""llama.cpp's log, which a thread of its own writes."""

import ctypes
import importlib


def write_log() -> None:
    """Have all of the log written: a refusal may be back before the thread has written why."""
    library = ctypes.CDLL(importlib.import_module("xllamacpp.xllamacpp").__file__)
    log, flush = library._Z15common_log_mainv, library._Z16common_log_flushP10common_log  # noqa: SLF001 # C++ names
    log.restype, flush.argtypes, flush.restype = ctypes.c_void_p, (ctypes.c_void_p,), None
    flush(log())
