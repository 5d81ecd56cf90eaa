"""Runs the processes that try a file, within bounds of time and memory, and says how they ended."""

import re
import signal
from pathlib import Path

import msgspec
import structlog

from tulou.adapters.gguf.checking.messages import BOUNDS, HEAD_BOUNDS, TrialRequest, TrialResult
from tulou.adapters.gguf.checking.reasons import load_error
from tulou.kernel.errors import DeadlineError
from tulou.ports.confinement import GIB, Confinement, ProcessBounds, ProcessEnd

CHILD = "tulou.adapters.gguf.checking.child"
LOADER = "tulou.adapters.gguf.checking.loading"
REFUSED = 3
"""How the loader ends when llama.cpp has said why it does not load a file."""
KNOWN = re.compile(r"^\S+\.cpp:\d+: (GGML_ASSERT\(!ml\.no_alloc\)) failed$", re.MULTILINE)
UNMAPPED = "mmap failed: Cannot allocate memory"
_ASSERTION = re.compile(r"(GGML_ASSERT\(.*) failed$", re.MULTILINE)
_CAUSE = re.compile(r"error loading model: (.*)$", re.MULTILINE)
_SHOWN = 200
LOGGED = 2000
_GIB = BOUNDS.memory // GIB
_ENDS = {
    signal.SIGXCPU: f"it does not come to an end within {BOUNDS.cpu_s} s of a processor",
    signal.SIGKILL: f"it takes more than {BOUNDS.cpu_s} s of a processor or {_GIB} GiB of memory",
    signal.SIGABRT: f"it takes more than {_GIB} GiB of memory, or breaks the program that renders it",
    signal.SIGSEGV: "it breaks the program that renders it; does a macro call itself?",
}

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


async def run(asked: TrialRequest, confinement: Confinement) -> TrialResult:
    """Return what came of a vocabulary and a template."""
    try:
        ended = await confinement.run(CHILD, given=msgspec.json.encode(asked), bounds=BOUNDS)
    except DeadlineError:
        return TrialResult(f"it was not rendered within {BOUNDS.wall_s} s")
    if ended.code == 0:
        return _said(ended.output)
    if -ended.code in _ENDS:
        return TrialResult(_ENDS[signal.Signals(-ended.code)])
    last = ended.log.strip().splitlines()[-1:]
    if last and "MemoryError" in last[0]:
        return TrialResult(f"it takes more than {_GIB} GiB of memory")
    return TrialResult(f"the process that tries it ended with {ended.code} ({''.join(last)[:_SHOWN]})", about="file")


def _said(output: bytes) -> TrialResult:
    """Return what the process wrote, which has read a stranger's file before it did."""
    try:
        return msgspec.json.decode(output, type=TrialResult)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return TrialResult("the process that tries it did not say what came of it", about="file")


async def load(path: Path, confinement: Confinement, *, bounds: ProcessBounds = HEAD_BOUNDS) -> TrialResult:
    """Return why llama.cpp would not load a file."""
    try:
        ended = await confinement.run(LOADER, str(path), bounds=bounds)
    except DeadlineError:
        return TrialResult(f"its head was not read within {bounds.wall_s} s", about="file")
    if _is_known(ended) or _is_too_large_to_map(ended):
        return TrialResult()
    if ended.code == REFUSED:
        return TrialResult(load_error(ended.log.replace(str(path), path.name)), about="file")
    log.warning("head_not_read", file=path.name, code=ended.code, log=ended.log[-LOGGED:])
    return TrialResult(f"the process that reads its head ended with {ended.code}; it is damaged", about="file")


def _is_known(ended: ProcessEnd) -> bool:
    """Return whether the last assertion, which ended the process, is the one behind all checks."""
    failed = _ASSERTION.findall(ended.log)
    return -ended.code == signal.SIGABRT and bool(failed) and KNOWN.findall(ended.log)[-1:] == failed[-1:]


def _is_too_large_to_map(ended: ProcessEnd) -> bool:
    """Return whether the one thing that llama.cpp found is that it may not map so large a file.

    Names in a file come into the log, line breaks and all: a second cause is no proof of the first.
    """
    return ended.code == REFUSED and _CAUSE.findall(ended.log) == [UNMAPPED]
