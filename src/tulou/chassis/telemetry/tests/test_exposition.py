"""The texts of many processes become one that Prometheus accepts."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as LibrarySample

from tulou.chassis.telemetry.exposition import Sample, merge, samples


def report(requests: int) -> str:
    registry = CollectorRegistry()
    Counter("tulou_x_requests", "Requests\nby model.", ["model"], registry=registry).labels('a"b\\c\nd').inc(requests)
    Histogram("tulou_x_seconds", "Durations.", registry=registry).observe(0.3)
    Gauge("tulou_x_in_flight", "Now.", ["process"], registry=registry).labels("engine").set(2)
    return generate_latest(registry).decode()


def test_merged_text_has_each_family_once_and_every_series_names_its_process() -> None:
    text = merge({"gateway-0": report(3), 'odd "name"': report(4)})
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    assert all(sample.labels["process"] for family in families for sample in family.samples)
    requests = {
        sample.labels["process"]: (sample.labels["model"], sample.value)
        for family in families
        for sample in family.samples
        if sample.name == "tulou_x_requests_total"
    }
    assert requests == {"gateway-0": ('a"b\\c\nd', 3), 'odd "name"': ('a"b\\c\nd', 4)}


def test_help_and_type_are_said_once_and_families_stay_together() -> None:
    lines = merge({"a": report(1), "b": report(1)}).splitlines()
    assert [line for line in lines if line.startswith("# TYPE tulou_x_seconds ")] == [
        "# TYPE tulou_x_seconds histogram"
    ]
    parts = ("tulou_x_seconds_bucket", "tulou_x_seconds_sum", "tulou_x_seconds_count")
    buckets = [number for number, line in enumerate(lines) if line.startswith(parts)]
    assert buckets == list(range(buckets[0], buckets[0] + len(buckets)))
    assert "histogram" in lines[buckets[0] - 1]


def test_a_label_named_process_is_kept_under_another_name() -> None:
    assert 'tulou_x_in_flight{process="a",exported_process="engine"} 2.0' in merge({"a": report(1)})


def test_what_is_not_prometheus_text_is_left_out() -> None:
    odd = "<html>\n# EOF\n# just a remark\nvllm:requests 3 1700000000000\nno_value\nok{} 1\n"
    assert merge({"a": odd}) == 'vllm:requests{process="a"} 3 1700000000000\nok{process="a"} 1\n'


def test_chosen_samples_are_read_with_their_labels() -> None:
    text = 'a{model="x",code="say \\"hi\\"\\n"} 2\nb 3\nab 4\na{ broken\na nonsense\n'
    assert list(samples(text, frozenset({"a"}))) == [
        Sample("a", {"model": "x", "code": 'say "hi"\n'}, 2.0),
        Sample("a", {}, 0.0),
    ]


LABELS = st.text(st.characters(codec="utf-8") | st.sampled_from('\r\n\u2028\\"{}, '), max_size=8)
NUMBERS = st.floats(allow_nan=False)


@given(st.dictionaries(st.tuples(LABELS, LABELS), NUMBERS, max_size=4))
def test_samples_are_read_as_the_librarys_parser_reads_them(values: dict[tuple[str, str], float]) -> None:
    registry = CollectorRegistry()
    gauge = Gauge("a", 'What "a\\n" is,\nin {words}.', ["model", "code"], registry=registry)
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
    text = generate_latest(registry).decode()
    theirs = [Sample(one.name, one.labels, one.value) for one in parsed(text)]
    assert list(samples(text, frozenset({"a"}))) == theirs
    merged = [Sample(one.name, {**one.labels, "process": "p"}, one.value) for one in theirs]
    assert [Sample(one.name, one.labels, one.value) for one in parsed(merge({"p": text}))] == merged


def parsed(text: str) -> Iterator[LibrarySample]:
    return (sample for family in text_string_to_metric_families(text) for sample in family.samples)
