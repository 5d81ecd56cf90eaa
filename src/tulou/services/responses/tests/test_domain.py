"""What of a response is kept, named and shown, whatever the gate and the vendors behind it answer."""

import json

import pytest

from tulou.kernel.errors import InvalidError, TooLargeError
from tulou.ports.gate import GateAnswer
from tulou.services.responses.domain import (
    ID_LENGTH,
    ITEMS,
    answered,
    check,
    item_ids,
    items_of,
    moved,
    said,
    size,
    to_ask,
    unknown_item,
)
from tulou.services.responses.tests.builders import items, response

QUEUED = response(
    state="queued",
    body='{"id":"resp_1","created_at":7,"metadata":{"a":"b"},"previous_response_id":"resp_0","status":"queued"}',
    request='{"model":"m","input":"hi","background":true,"store":true,"stream":true,"seed":1}',
)


def test_a_response_takes_the_bytes_of_all_that_is_kept_of_it() -> None:
    made = response(body='{"a":"é"}', input='"€"', request='"x"')
    assert said(made) == len('{"a":"é"}'.encode()) + len('"€"'.encode())
    assert size(made) == said(made) + 3
    check(made, at_most=size(made))
    with pytest.raises(TooLargeError, match=r"\[responses\] response_bytes is \d+: set store to false"):
        check(made, at_most=size(made) - 1)


@pytest.mark.parametrize("body", ["", "[]", "7", "null", '{"a":', '"x"', "{a: 1}"])
def test_what_is_no_object_of_json_is_not_kept(body: str) -> None:
    with pytest.raises(InvalidError, match="a response is a JSON object"):
        check(response(body=body), at_most=1_000)


NAMED: list[tuple[object, tuple[str, ...]]] = [
    (items("a", "b", "a"), ("a", "b")),
    (items("x" * ID_LENGTH, "x" * (ID_LENGTH + 1), "", 7, None, {"id": "b"}), ("x" * ID_LENGTH,)),
    ([{"type": "message"}], ()),
    (items("a\0b", "line\nbreak", "b"), ("b",)),
    (items("a", "\ud800"), ()),
    (items("\ud800", "a"), ()),
    ([], ()),
    ({"id": "a"}, ()),
    ("text", ()),
    ([1, [], "a"], ()),
    (items(*(f"i{number}" for number in range(ITEMS + 5))), tuple(f"i{number}" for number in range(ITEMS))),
]


@pytest.mark.parametrize(("output", "names"), NAMED)
def test_items_are_named_by_ids_that_are_texts_of_bounded_length_and_number(
    output: object, names: tuple[str, ...]
) -> None:
    assert item_ids(response(output=output)) == names


def test_items_are_found_as_they_were_said() -> None:
    made = response(output=[{"id": "a", "content": [1.50, "é"], "more": None}, {"id": "b"}, {"id": 7}, {}])
    assert items_of(made, ("a", "c")).keys() == {"a"}
    assert json.loads(items_of(made, ("a",))["a"]) == {"id": "a", "content": [1.5, "é"], "more": None}


def test_an_item_whose_id_no_database_holds_is_not_found_and_does_no_harm() -> None:
    made = response(output=items("a\0b", "b"))
    assert items_of(made, ("", "a\0b", "b")).keys() == {"b"}
    assert items_of(response(output=items("b", "\ud800")), ("b", "\ud800")).keys() <= {"b"}


def test_an_item_that_is_not_kept_is_named_in_bounds() -> None:
    assert len(str(unknown_item("x" * 10_000))) < 400
    assert unknown_item("a").param == "input"


def test_one_in_the_background_is_asked_plainly_with_all_else_as_it_was() -> None:
    asked = json.loads(to_ask(QUEUED))
    assert asked == {"model": "m", "input": "hi", "seed": 1, "background": False, "store": False, "stream": False}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ('"completed"', "completed"),
        ('"incomplete"', "incomplete"),
        ('"failed"', "failed"),
        ('"cancelled"', "cancelled"),
        ('"queued"', "completed"),
        ('"wise"', "completed"),
        ("7", "completed"),
        ("null", "completed"),
    ],
)
def test_an_answer_ends_in_the_state_that_it_says_if_that_is_an_end(status: str, state: str) -> None:
    answer = GateAnswer(status=200, body=f'{{"id":"resp_x","status":{status},"output":[]}}'.encode())
    ended, _ = answered(QUEUED, answer)
    assert ended == state


def test_an_answer_keeps_the_name_the_time_and_the_labels_of_what_was_asked_for() -> None:
    body = b'{"id":"resp_other","created_at":9,"metadata":{},"output":[{"id":"m"}],"background":false,"usage":{"x":1}}'
    state, text = answered(QUEUED, GateAnswer(status=200, body=body))
    kept = json.loads(text)
    assert state == "completed"
    assert (kept["id"], kept["created_at"], kept["metadata"], kept["previous_response_id"]) == (
        *("resp_1", 7, {"a": "b"}),
        "resp_0",
    )
    assert (kept["background"], kept["store"], kept["usage"]) == (True, True, {"x": 1})


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, b'{"error":{"code":"limited","message":"slow"}}', {"code": "limited", "message": "slow"}),
        (500, b'{"error":{"message":"no"}}', {"code": "server_error", "message": "no"}),
        (503, b"<html>", {"code": "server_error", "message": "the gate answered 503"}),
        (502, b"", {"code": "server_error", "message": "the gate answered 502"}),
        (400, b'{"error":"text"}', {"code": "server_error", "message": "the gate answered 400"}),
        (500, b"\xff\xfe", {"code": "server_error", "message": "the gate answered 500"}),
    ],
)
def test_one_that_the_gate_refuses_has_failed_with_the_words_of_the_gate(
    status: int, body: bytes, error: dict[str, str]
) -> None:
    state, text = answered(QUEUED, GateAnswer(status=status, body=body))
    kept = json.loads(text)
    assert (state, kept["status"], kept["error"], kept["id"]) == ("failed", "failed", error, "resp_1")


def test_a_response_that_moves_says_so_and_nothing_else() -> None:
    before = json.loads(QUEUED.body)
    assert json.loads(moved(QUEUED, "in_progress")) == {**before, "status": "in_progress"}
