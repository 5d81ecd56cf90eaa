"""Facts of training."""

from tulou.kernel.message import message

RUN_FINISHED = "training.run_finished"


@message
class RunFinished:
    """A run came to its end, whichever; `version` is set if it succeeded."""

    run: str
    model: str
    state: str
    version: int | None = None
