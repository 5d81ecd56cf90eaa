"""Settings of the training service: the [training] table."""

from tulou.kernel.message import message


@message
class TrainingSettings:
    """How much a training may take.

    threads: processor threads of a training; 0 means all cores but one, so that the gateway goes on
    deadline_s: how long a run may take with all its attempts, in seconds
    attempts: how often a run is tried when it fails for reasons that may pass
    report_s: how often the progress of a run is written down, in seconds
    """

    threads: int = 0
    deadline_s: float = 12 * 3600.0
    attempts: int = 3
    report_s: float = 1.0
