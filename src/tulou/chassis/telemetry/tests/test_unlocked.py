"""What is counted without locks is shown as prometheus_client itself would show it."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from tulou.chassis.telemetry.fast import FastCounter, FastHistogram
from tulou.chassis.telemetry.metrics import metrics_text

BOUNDS = (0.1, 1.0, 10.0)
VALUES = (0.05, 0.1, 0.5, 10.0, 11.0)


def test_a_counter_is_shown_as_it_ever_was() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    counts = FastCounter("asked", "Requests.", ("model",))
    ours.register(counts)
    labelled = Counter("asked", "Requests.", ("model",), registry=theirs)
    for model, amount in (("a", 1), ("b", 5), ("a", 2)):
        counts.labels(model).inc(amount)
        labelled.labels(model).inc(amount)
    assert metrics_text(ours) == metrics_text(theirs)
    assert ours.get_sample_value("asked_total", {"model": "a"}) == 3


def test_a_histogram_is_shown_as_it_ever_was() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    spreads = FastHistogram("took", "Seconds.", ("model",), BOUNDS)
    ours.register(spreads)
    labelled = Histogram("took", "Seconds.", ("model",), buckets=BOUNDS, registry=theirs)
    for value in VALUES:
        spreads.labels("a").observe(value)
        labelled.labels("a").observe(value)
    assert metrics_text(ours) == metrics_text(theirs)
    spreads.labels("silent")
    assert "silent" not in metrics_text(ours)
