"""The states of a run: it follows its job, and ends once."""

from dataclasses import replace

from tulou.contracts.jobs.messages import Job
from tulou.contracts.training.messages import Run
from tulou.ports.trainer import TrainProgress

FINISHED = ("succeeded", "failed", "cancelled")
ERROR_CAP = 4_000


def is_finished(run: Run) -> bool:
    """Say whether a run has come to its end."""
    return run.state in FINISHED


def begun(run: Run, now: float) -> Run:
    """Return a run whose job has begun, perhaps not for the first time."""
    return replace(run, state="running", started_at=run.started_at or now, stage="preparing")


def advanced(run: Run, progress: TrainProgress) -> Run:
    """Return a run that has come so far."""
    if progress.stage != "training":
        return replace(run, stage=progress.stage, eta_s=0.0)
    return replace(
        run,
        stage=progress.stage,
        step=progress.step,
        steps=progress.steps,
        loss=round(progress.loss, 4),
        eta_s=round(progress.eta_s, 1),
    )


def settled(run: Run, job: Job, now: float) -> Run:
    """Return a run as the end of its job leaves it; a run that has ended already, or goes on, stays as it is."""
    if is_finished(run) or job.finished_at is None:
        return run
    ended = replace(run, finished_at=now, eta_s=0.0)
    if job.state == "cancelled":
        return replace(ended, state="cancelled", error="cancelled")
    error = job.error or "the job ended without a version"
    return replace(ended, state="failed", error=error[:ERROR_CAP])


def share(progress: TrainProgress) -> float:
    """Return how much of the whole run is done, from 0 to 1: training itself is nearly all of it."""
    match progress.stage:
        case "tokenizer":
            return 0.02
        case "training":
            # Cut by the clock a run ends before its steps do, so time counts where it is known.
            spent = progress.elapsed_s + progress.eta_s
            done = progress.elapsed_s / spent if spent else 0.0
            return 0.05 + 0.8 * min(1.0, done)
        case _:
            return 0.87
