"""Runs the process that tries a file, within bounds of time and memory, and says how it ended."""

import os
import signal
import subprocess
import sys

import msgspec

from tulou.adapters.gguf.checking.asked import CPU_S, MEMORY, Asked, Said

CHILD = "tulou.adapters.gguf.checking.child"
DEADLINE_S = 120.0
_GIB = MEMORY >> 30
_ENDS = {
    signal.SIGXCPU: f"it does not come to an end within {CPU_S} s of a processor",
    signal.SIGKILL: f"it takes more than {CPU_S} s of a processor or {_GIB} GiB of memory",
    signal.SIGABRT: f"it takes more than {_GIB} GiB of memory, or breaks the program that renders it",
    signal.SIGSEGV: "it breaks the program that renders it; does a macro call itself?",
}


def run(asked: Asked) -> Said:
    """Return what came of it."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
    }
    try:
        ran = subprocess.run(  # noqa: S603 # our own module
            [sys.executable, "-m", CHILD],
            input=msgspec.json.encode(asked),
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return Said(f"it was not rendered within {DEADLINE_S:g} s")
    if ran.returncode == 0:
        return msgspec.json.decode(ran.stdout, type=Said)
    if -ran.returncode in _ENDS:
        return Said(_ENDS[signal.Signals(-ran.returncode)])
    last = ran.stderr.decode(errors="replace").strip().splitlines()[-1:]
    if last and "MemoryError" in last[0]:
        return Said(f"it takes more than {_GIB} GiB of memory")
    return Said(f"the process that tries it ended with {ran.returncode} ({''.join(last)[:200]})", about="file")
