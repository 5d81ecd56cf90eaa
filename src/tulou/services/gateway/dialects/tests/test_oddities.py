"""What clients and upstreams of this field really send, and no document shows."""

import json
from typing import Any

import pytest

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability
from tulou.services.gateway.dialects.events import Event, Failed, Finished
from tulou.services.gateway.dialects.prompt import Prompt
from tulou.services.gateway.dialects.tests.eventstream import event
from tulou.services.gateway.refusals import MalformedError, WrongTypeError

QUESTION = {"role": "user", "content": "hi"}
DEEP = b"[" * 5000 + b"]" * 5000


def chat(**fields: Any) -> Prompt:
    return CLIENTS["chat"].read_request(json.dumps({"model": "house", "messages": [QUESTION], **fields}).encode())


def with_part(**part: Any) -> Prompt:
    return chat(messages=[{"role": "user", "content": [part]}])


def written(upstream: Any, prompt: Prompt, model: str = "m") -> dict[str, Any]:
    return json.loads(UPSTREAMS[upstream].write_request(prompt, Ability(model=model)).body)


def failure(events: Any) -> Failed:
    (failed,) = [event for event in events if isinstance(event, Failed)]
    assert not any(isinstance(event, Finished) for event in events), "what broke off has not finished"
    return failed


def sse(*events: object) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def read(upstream: Any, stream: bytes) -> list[Event]:
    reader = UPSTREAMS[upstream].reader()
    return [*reader.feed(stream), *reader.end()]


@pytest.mark.parametrize("client", ["chat", "completions"])
@pytest.mark.parametrize("n", [0, -1])
def test_no_answers_are_no_wish(client: Any, n: int) -> None:
    body = {"model": "house", "messages": [QUESTION], "prompt": "hi", "n": n}

    with pytest.raises(WrongTypeError, match="n: it is 1 to 128") as caught:
        CLIENTS[client].read_request(json.dumps(body).encode())

    assert caught.value.param == "n"


@pytest.mark.parametrize("client", ["chat", "responses", "messages", "completions"])
def test_bytes_that_are_no_text_are_refused_wherever_they_are(client: Any) -> None:
    body = b'{"model":"m","input":"x","prompt":"x","messages":[],"max_tokens":1,"metadata":{"a":["\xff"]}}'

    with pytest.raises(MalformedError, match="not JSON"):
        CLIENTS[client].read_request(body)


def test_a_document_that_is_no_base64_is_refused() -> None:
    file = {"filename": "a.txt", "file_data": "data:text/plain;base64,abc"}

    with pytest.raises(InvalidError, match=r"'a\.txt'"):
        written("anthropic", with_part(type="file", file=file))


def test_a_picture_by_its_common_wrong_name_is_sent_by_the_right_one() -> None:
    prompt = with_part(type="image_url", image_url={"url": "data:image/jpg;base64,aaaa"})

    (message,) = written("anthropic", prompt)["messages"]
    (said,) = written("bedrock", prompt)["messages"]

    assert message["content"][0]["source"]["media_type"] == "image/jpeg"
    assert said["content"][0]["image"]["format"] == "jpeg"


@pytest.mark.parametrize("upstream", ["anthropic", "gemini", "bedrock"])
def test_how_closely_to_look_is_dropped_and_told(upstream: Any) -> None:
    image = {"url": "data:image/png;base64,aaaa", "detail": "high"}

    told = UPSTREAMS[upstream].write_request(with_part(type="image_url", image_url=image), Ability(model="m"))

    assert [drop.field for drop in told.dropped] == ["messages.image_url.detail"]


@pytest.mark.parametrize("upstream", ["responses", "anthropic", "gemini", "bedrock"])
def test_a_search_of_the_web_is_not_left_out(upstream: Any) -> None:
    with pytest.raises(InvalidError, match="web_search_options"):
        written(upstream, chat(web_search_options={}))


def test_where_a_request_may_be_worked_on_is_not_left_out() -> None:
    body = {"model": "house", "max_tokens": 9, "messages": [QUESTION], "inference_geo": "us"}

    with pytest.raises(InvalidError, match="inference_geo"):
        written("openai", CLIENTS["messages"].read_request(json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("openai.gpt-oss-120b-1:0", {"reasoning_effort": "low"}),
        ("us.openai.gpt-5.6-sol", {"reasoning": {"effort": "low"}}),
        ("us.amazon.nova-2-lite-v1:0", {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}),
        (
            "us.anthropic.claude-opus-4-7",
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "low"}},
        ),
    ],
)
def test_bedrock_is_told_how_much_to_think_as_each_maker_has_it(model: str, told: object) -> None:
    assert written("bedrock", chat(reasoning_effort="low"), model)["additionalModelRequestFields"] == told


def test_an_effort_for_an_unknown_maker_is_dropped_and_told() -> None:
    told = UPSTREAMS["bedrock"].write_request(chat(reasoning_effort="low"), Ability(model="meta.llama4"))

    assert [drop.field for drop in told.dropped] == ["reasoning_effort"]


@pytest.mark.parametrize("reason", ["insufficient_system_resource", "network_error", "error", "abort"])
def test_an_answer_that_broke_off_has_not_ended_well(reason: str) -> None:
    choice: Any = {"index": 0, "message": {"content": "half"}, "delta": {"content": "half"}, "finish_reason": reason}
    answer = {"id": "c", "choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}

    assert failure(UPSTREAMS["openai"].read_answer(json.dumps(answer).encode())).code == reason
    assert failure(read("openai", sse(answer))).code == reason


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"])
def test_a_candidate_that_broke_off_has_not_ended_well(reason: str) -> None:
    answer = {"candidates": [{"content": None, "finishReason": reason}]}

    assert failure(UPSTREAMS["gemini"].read_answer(json.dumps(answer).encode())).code == reason.lower()
    assert failure(read("gemini", sse(answer))).code == reason.lower()


def test_a_turn_that_broke_off_has_not_ended_well() -> None:
    answer = {"output": {"message": {"content": [{"text": "x"}]}}, "stopReason": "malformed_tool_use"}

    assert failure(UPSTREAMS["bedrock"].read_answer(json.dumps(answer).encode())).code == "malformed_tool_use"
    assert failure(read("bedrock", event("messageStop", b'{"stopReason":"malformed_tool_use"}')))


def test_an_error_without_an_object_of_its_own_is_one() -> None:
    old = {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}

    assert failure(read("openai", sse(old))) == Failed(message="too long", kind="BadRequestError", status=400)


def test_a_picture_that_nobody_can_be_told_is_not_left_out() -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": "aaaa"}}
    answer = {"candidates": [{"content": {"parts": [{"text": "Here:"}, part]}, "finishReason": "STOP"}]}
    block = {"output": {"message": {"content": [{"image": {"format": "png"}}]}}, "stopReason": "end_turn"}

    for upstream, body in ((UPSTREAMS["gemini"], answer), (UPSTREAMS["bedrock"], block)):
        events = upstream.read_answer(json.dumps(body).encode())
        assert [(event.code, event.status) for event in events if isinstance(event, Failed)] == [
            ("unsupported_output", 422)
        ]


def test_arguments_of_a_call_that_never_began_are_nonsense() -> None:
    more = event("contentBlockDelta", b'{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}')
    argued = {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{}"}

    with pytest.raises(ValueError, match="never began"):
        read("bedrock", more)
    with pytest.raises(ValueError, match="never began"):
        read("responses", sse(argued))
