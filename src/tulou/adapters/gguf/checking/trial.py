"""Runs the processes that try a file, within bounds of time and memory, and says how they ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec

from tulou.adapters.gguf.checking.asked import CPU_S, MEMORY, Asked, Said
from tulou.adapters.gguf.checking.loading import KNOWN, REFUSED, UNMAPPED
from tulou.adapters.gguf.checking.reasons import load_error

CHILD = "tulou.adapters.gguf.checking.child"
LOADER = "tulou.adapters.gguf.checking.loading"
_SHOWN = 200
DEADLINE_S = 120.0
_GIB = MEMORY >> 30
_ENDS = {
    signal.SIGXCPU: f"it does not come to an end within {CPU_S} s of a processor",
    signal.SIGKILL: f"it takes more than {CPU_S} s of a processor or {_GIB} GiB of memory",
    signal.SIGABRT: f"it takes more than {_GIB} GiB of memory, or breaks the program that renders it",
    signal.SIGSEGV: "it breaks the program that renders it; does a macro call itself?",
}


def run(asked: Asked) -> Said:
    """Return what came of a vocabulary and a template."""
    ran = _ran(CHILD, given=msgspec.json.encode(asked))
    if ran is None:
        return Said(f"it was not rendered within {DEADLINE_S:g} s")
    if ran.returncode == 0:
        return msgspec.json.decode(ran.stdout, type=Said)
    if -ran.returncode in _ENDS:
        return Said(_ENDS[signal.Signals(-ran.returncode)])
    last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:]
    if last and "MemoryError" in last[0]:
        return Said(f"it takes more than {_GIB} GiB of memory")
    return Said(f"the process that tries it ended with {ran.returncode} ({''.join(last)[:_SHOWN]})", about="file")


def load(path: Path) -> Said:
    """Return why llama.cpp would not load a file."""
    ran = _ran(LOADER, str(path))
    if ran is None:
        return Said(f"its head was not read within {DEADLINE_S:g} s", about="file")
    log = ran.stderr.decode(errors="replace").replace(str(path), path.name)
    if KNOWN in log or UNMAPPED in log:
        return Said()
    if ran.returncode == REFUSED:
        return Said(load_error(log), about="file")
    return Said(f"the process that reads its head ended with {ran.returncode}; it is damaged", about="file")


def _ran(module: str, *arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes] | None":
    """Run one of our modules to its end; None when that does not come in time."""
    bounds = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"}
    try:
        return subprocess.run(  # noqa: S603 # our own module
            [sys.executable, "-m", module, *arguments],
            input=given,
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
            env={**os.environ, **bounds, "GGML_NO_BACKTRACE": "1"},
        )
    except subprocess.TimeoutExpired:
        return None
