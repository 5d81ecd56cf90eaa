"""The process that tries whether llama.cpp knows a file: architecture, vocabulary, and the shape of every tensor.

With `no_alloc` llama.cpp reads all of the head, holds every tensor against what the architecture asks for, and then
maps the file. A server cannot be made of that: it ends the process by an assertion that names the setting, or, where
the file is larger than this process's memory may be, it says that it cannot map it. Either way it has found nothing
wrong. Anything else is a reason.
"""

import importlib
import sys
from typing import Any

from tulou.adapters.gguf.checking.flushing import write_log

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
        write_log()
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
