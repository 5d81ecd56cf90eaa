"""However the process that tries a file ends, and whatever it writes, something is said of the file."""

from pathlib import Path

import pytest

from tulou.adapters.gguf.checking.messages import TrialRequest, TrialResult
from tulou.adapters.gguf.checking.trial import REFUSED, UNMAPPED, load, run
from tulou.kernel.errors import DeadlineError
from tulou.ports.confinement import ProcessBounds, ProcessEnd

ABORTED = -6
ASSERTED = "/src/llama-model.cpp:1: GGML_ASSERT(!ml.no_alloc) failed\n"
OTHER = "/src/ggml.c:9: GGML_ASSERT(n > 0) failed\n"
CAUSE = "0.00.003 E llama_model_load: error loading model: "


class Ending:
    """A confinement in which everything ends in one way; None is too late."""

    def __init__(self, ended: ProcessEnd | None) -> None:
        self._ended = ended

    async def run(self, module: str, *arguments: str, given: bytes = b"", bounds: ProcessBounds) -> ProcessEnd:
        if self._ended is None:
            raise DeadlineError(f"{module} {arguments} {len(given)}: not done within {bounds.wall_s} s")
        return self._ended


def ended(code: int, *, output: bytes = b"", log: str = "") -> Ending:
    return Ending(ProcessEnd(code=code, output=output, log=log))


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (ended(0, output=b'{"reason": "no"}'), "no"),
        (ended(0), "did not say"),
        (ended(0, output=b"\xff"), "did not say"),
        (ended(0, output=b'{"reason": "no", "about": "else"}'), "did not say"),
        (ended(0, output=b'{"x":' * 20_000), "did not say"),
        (ended(-24), "within 10 s of a processor"),
        (ended(-9), "4 GiB of memory"),
        (ended(-11), "does a macro call itself"),
        (ended(1, log="Traceback\nMemoryError: "), "4 GiB of memory"),
        (ended(1, log="x" * 1_000), "ended with 1"),
        (Ending(None), "not rendered within 120 s"),
    ],
)
async def test_a_trial_of_texts_says_what_is_wrong_in_few_words(ending: Ending, why: str) -> None:
    reason = (await run(TrialRequest(probe="p", template="t"), ending)).reason
    assert why in reason
    assert len(reason) < 400


async def test_a_trial_of_texts_that_finds_nothing_says_nothing() -> None:
    assert await run(TrialRequest(probe="p", template="t"), ended(0, output=b"{}")) == TrialResult()


@pytest.mark.parametrize(
    "ending",
    [
        ended(ABORTED, log=ASSERTED),
        ended(REFUSED, log=f"{CAUSE}{UNMAPPED}\n0.00.004 E llama_model_load_from_file_impl: failed to load model\n"),
    ],
)
async def test_a_head_behind_all_checks_is_sound(ending: Ending) -> None:
    assert await load(Path("/m.gguf"), ending) == TrialResult()


@pytest.mark.parametrize(
    "ending",
    [
        ended(0, log=ASSERTED),
        ended(REFUSED, log=ASSERTED),
        ended(ABORTED, log=ASSERTED + OTHER),
        ended(ABORTED, log=OTHER),
        ended(ABORTED, log=CAUSE + UNMAPPED),
        ended(REFUSED, log=f"{CAUSE}unknown model architecture: '{UNMAPPED}'\n"),
        ended(REFUSED, log=f"{CAUSE}unknown model architecture: '\n{CAUSE}{UNMAPPED}\n'\n"),
        ended(REFUSED, log=""),
        ended(1, log="Traceback"),
        Ending(None),
    ],
)
async def test_a_head_of_which_anything_else_is_said_is_not(ending: Ending) -> None:
    assert (await load(Path("/m.gguf"), ending)).reason
