"""The life of a run."""

from dataclasses import replace

import pytest

from tulou.contracts.jobs.messages import Job
from tulou.contracts.training.messages import Run
from tulou.ports.trainer import TrainProgress
from tulou.services.training.domain.runs import advanced, begun, settled, share

RUN = Run(id="run_1", recipe="demo", profile="quick", model="m", state="queued", job="job_1", created_at=1.0)
JOB = Job(
    id="job_1",
    kind="training.train",
    payload="{}",
    state="running",
    attempt=1,
    attempts=3,
    progress=0,
    note="",
    result="null",
    error="",
    created_at=1.0,
    started_at=2.0,
    finished_at=None,
)


def test_a_second_attempt_keeps_the_time_of_the_first() -> None:
    run = begun(RUN, 5.0)
    assert (run.state, run.started_at) == ("running", 5.0)
    assert begun(run, 9.0).started_at == 5.0


def test_a_run_goes_on_while_its_job_does() -> None:
    assert settled(RUN, JOB, 7.0) == RUN


@pytest.mark.parametrize(("state", "error"), [("cancelled", "cancelled"), ("failed", "no memory")])
def test_a_run_ends_as_its_job_does(state: str, error: str) -> None:
    ended = settled(RUN, replace(JOB, state=state, error="no memory", finished_at=6.0), 7.0)
    assert (ended.state, ended.error, ended.finished_at) == (state, error, 7.0)


def test_a_run_that_has_ended_stays_as_it_is() -> None:
    done = replace(RUN, state="succeeded", version=3)
    assert settled(done, replace(JOB, state="failed", finished_at=6.0), 7.0) == done


def test_a_job_that_succeeded_without_a_version_failed() -> None:
    assert settled(RUN, replace(JOB, state="succeeded", finished_at=6.0), 7.0).state == "failed"


def test_progress_never_goes_back_from_stage_to_stage() -> None:
    steps = [
        TrainProgress(stage="tokenizer"),
        TrainProgress(stage="training", step=1, steps=10, elapsed_s=1, eta_s=9),
        TrainProgress(stage="training", step=9, steps=10, elapsed_s=9, eta_s=1),
        TrainProgress(stage="training", step=9, steps=10, elapsed_s=10, eta_s=0),
        TrainProgress(stage="answering", step=1, steps=2),
        TrainProgress(stage="saving"),
    ]
    shares = [share(each) for each in steps]
    assert shares == sorted(shares)
    assert advanced(RUN, steps[2]).step == 9
    assert advanced(advanced(RUN, steps[2]), steps[4]).step == 9
