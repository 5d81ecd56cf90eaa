"""Citations on their way: whoever is cited by whomever."""

import json
from typing import Any

import pytest

from tulou.services.gateway.dialects.catalogue import CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability, Echo
from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.tests.eventstream import event
from tulou.services.gateway.dialects.tests.told import pieces, whole

ASKED: dict[str, Any] = {
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
    "responses": {"input": "hi"},
    "messages": {"max_tokens": 99, "messages": [{"role": "user", "content": "hi"}]},
}
PLAIN: dict[str, Any] = {"type": "text", "text": "The house is "}
PLACE = {
    "type": "page_location",
    "cited_text": "Its walls are round.",
    "document_index": 0,
    "document_title": "Houses",
    "file_id": None,
    "start_page_number": 3,
    "end_page_number": 4,
}
WEB = {
    "type": "web_search_result_location",
    "url": "https://example.com/tulou",
    "title": "Tulou",
    "cited_text": "earth",
    "encrypted_index": "Eo8B",
}
ANSWER: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "c",
    "content": [
        PLAIN,
        {"type": "text", "text": "round", "citations": [PLACE]},
        {"type": "text", "text": " and of earth", "citations": [WEB]},
    ],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 2},
}


def echo(client: Any) -> Echo:
    prompt = CLIENTS[client].read_request(json.dumps({"model": "house", **ASKED[client]}).encode())
    return Echo(id=f"{CLIENTS[client].id_prefix}1", model="house", created=1, prompt=prompt)


def told(client: Any, events: list[Event]) -> dict[str, Any]:
    return whole(client, CLIENTS[client].write_answer(events, echo(client)))


def streamed(client: Any, events: list[Event]) -> list[dict[str, Any]]:
    writer = CLIENTS[client].writer(echo(client))
    return pieces(client, writer.write(events) + writer.end())


def cited() -> list[Event]:
    return [*UPSTREAMS["anthropic"].read_answer(json.dumps(ANSWER).encode())]


def as_stream() -> list[Event]:
    frames: list[Any] = [{"type": "message_start", "message": {**ANSWER, "content": []}}]
    for index, block in enumerate(ANSWER["content"]):
        start: Any = {"type": "text", "text": "", "citations": []}
        frames.append({"type": "content_block_start", "index": index, "content_block": start})
        for citation in block.get("citations", ()):
            delta: Any = {"type": "citations_delta", "citation": citation}
            frames.append({"type": "content_block_delta", "index": index, "delta": delta})
        delta = {"type": "text_delta", "text": block["text"]}
        frames.append({"type": "content_block_delta", "index": index, "delta": delta})
        frames.append({"type": "content_block_stop", "index": index})
    frames += [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}]
    reader = UPSTREAMS["anthropic"].reader()
    return [*reader.feed(b"".join(b"data: " + json.dumps(frame).encode() + b"\n\n" for frame in frames))]


@pytest.mark.parametrize("events", [cited(), as_stream()], ids=["whole", "stream"])
def test_what_anthropic_cites_is_annotated_for_clients_of_responses(events: list[Event]) -> None:
    parts = [item["content"][0] for item in told("responses", events)["output"]]

    (document,), (page,) = parts[1]["annotations"], parts[2]["annotations"]
    assert (document["type"], document["filename"], document["index"]) == ("file_citation", "Houses", len("round"))
    assert (document["cited_text"], document["start_page_number"]) == ("Its walls are round.", 3)
    assert (page["type"], page["url"], page["title"]) == ("url_citation", WEB["url"], "Tulou")
    assert (page["start_index"], page["end_index"]) == (0, len(" and of earth"))
    added = [told for told in streamed("responses", events) if told["type"] == "response.output_text.annotation.added"]
    assert [told["annotation"]["type"] for told in added] == ["file_citation", "url_citation"]


def test_places_in_the_text_are_those_of_the_whole_message_for_clients_of_chat_completions() -> None:
    pages = {**ANSWER, "content": [PLAIN, {"type": "text", "text": "earth", "citations": [WEB]}]}
    events = [*UPSTREAMS["anthropic"].read_answer(json.dumps(pages).encode())]

    message = told("chat", events)["choices"][0]["message"]
    chunks = [choice["delta"] for piece in streamed("chat", events) for choice in piece["choices"]]

    (page,) = message["annotations"]
    assert message["content"][page["url_citation"]["start_index"] : page["url_citation"]["end_index"]] == "earth"
    assert [delta["annotations"] for delta in chunks if "annotations" in delta] == [[page]]


@pytest.mark.parametrize("events", [cited(), as_stream()], ids=["whole", "stream"])
def test_what_anthropic_cites_is_the_same_for_its_own_clients(events: list[Event]) -> None:
    blocks = told("messages", events)["content"]
    deltas = [piece["delta"] for piece in streamed("messages", events) if piece["type"] == "content_block_delta"]

    assert [block["citations"] for block in blocks] == [None, [PLACE], [WEB]]
    assert [delta["citation"] for delta in deltas if delta["type"] == "citations_delta"] == [PLACE, WEB]


def test_pages_that_openai_cites_are_cited_for_anthropics_clients() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "http://a", "title": "A", "start_index": 0, "end_index": 3}}
    message = {"role": "assistant", "content": "see", "annotations": [note]}
    answer = {"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}

    (block,) = told("messages", [*UPSTREAMS["openai"].read_answer(json.dumps(answer).encode())])["content"]

    assert [(found["type"], found["url"], found["title"]) for found in block["citations"]] == [
        ("web_search_result_location", "http://a", "A")
    ]


BEDROCK = {
    "title": "Houses",
    "sourceContent": [{"text": "Its walls are round."}],
    "location": {"documentPage": {"documentIndex": 0, "start": 3, "end": 4}},
}


def test_what_bedrock_cites_is_cited_as_anthropic_does() -> None:
    block = {"citationsContent": {"content": [{"text": "round"}], "citations": [BEDROCK]}}
    body = {"output": {"message": {"content": [block]}}, "stopReason": "end_turn"}
    frames = (
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "round"}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"citation": BEDROCK}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("messageStop", {"stopReason": "end_turn"}),
    )
    reader = UPSTREAMS["bedrock"].reader()

    at_once = [*UPSTREAMS["bedrock"].read_answer(json.dumps(body).encode())]
    piecewise = [*reader.feed(b"".join(event(name, json.dumps(told).encode()) for name, told in frames))]

    for events in (at_once, piecewise):
        (said,) = told("messages", events)["content"]
        assert (said["text"], said["citations"]) == ("round", [PLACE])


RECITED = {"startIndex": 4, "endIndex": 9, "uri": "https://example.com/walls", "license": "mit"}


def gemini(*told: Any) -> list[Event]:
    reader = UPSTREAMS["gemini"].reader()
    return [*reader.feed(b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in told)), *reader.end()]


def candidate(text: str, **rest: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": text}]}, **rest}]}


@pytest.mark.parametrize("sources", ["citationSources", "citations"])
def test_what_gemini_recites_is_cited_by_the_page_and_told_once(sources: str) -> None:
    recital = {sources: [RECITED]}
    begun = candidate("为 round", citationMetadata=recital)
    ended = candidate(" walls", citationMetadata=recital, finishReason="STOP")
    whole_one = candidate("为 round walls", citationMetadata=recital, finishReason="STOP")

    for events in (gemini(begun, ended), [*UPSTREAMS["gemini"].read_answer(json.dumps(whole_one).encode())]):
        message = told("chat", events)["choices"][0]["message"]
        (page,) = (note["url_citation"] for note in message["annotations"])
        assert (page["url"], message["content"][page["start_index"] : page["end_index"]]) == (RECITED["uri"], "round")
        (item,) = told("responses", events)["output"]
        assert [note["license"] for note in item["content"][0]["annotations"]] == ["mit"]
        (block,) = told("messages", events)["content"]
        assert [(note["url"], note["cited_text"]) for note in block["citations"]] == [(RECITED["uri"], "round")]


def test_a_source_that_is_told_before_its_words_have_come_is_told_once() -> None:
    recital = {"citationSources": [RECITED]}
    begun = candidate("为 ro", citationMetadata=recital)
    ended = candidate("und walls", citationMetadata=recital, finishReason="STOP")

    (choice,) = told("chat", gemini(begun, ended))["choices"]

    (page,) = (note["url_citation"] for note in choice["message"]["annotations"])
    assert choice["message"]["content"][page["start_index"] : page["end_index"]] == "ro"


def test_what_gemini_would_not_recite_is_cited_though_nothing_is_said() -> None:
    blocked = {"candidates": [{"finishReason": "RECITATION", "citationMetadata": {"citationSources": [RECITED]}}]}

    (choice,) = told("chat", gemini(blocked))["choices"]

    assert choice["finish_reason"] == "content_filter"
    (page,) = (note["url_citation"] for note in choice["message"]["annotations"])
    assert (page["url"], page["start_index"], page["end_index"]) == (RECITED["uri"], 0, 0)


@pytest.mark.parametrize(("upstream", "dropped"), [("anthropic", False), ("bedrock", False), ("gemini", True)])
@pytest.mark.parametrize("client", ["chat", "responses", "messages"])
def test_a_document_is_to_be_cited_where_that_is_known_and_told_where_it_is_not(
    client: Any, upstream: Any, *, dropped: bool
) -> None:
    cites, data = {"enabled": True}, "data:application/pdf;base64,JVBERi0xLjcK"
    source = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjcK"}
    part = {
        "chat": {"type": "file", "file": {"filename": "a.pdf", "file_data": data}, "citations": cites},
        "responses": {"type": "input_file", "filename": "a.pdf", "file_data": data, "citations": cites},
        "messages": {"type": "document", "title": "a", "source": source, "citations": cites},
    }[client]
    place = "input" if client == "responses" else "messages"
    asked = {"model": "house", **ASKED[client], place: [{"role": "user", "content": [part]}]}

    written = UPSTREAMS[upstream].write_request(
        CLIENTS[client].read_request(json.dumps(asked).encode()), Ability(model="m")
    )

    assert [drop.field for drop in written.dropped] == (["messages.citations"] if dropped else [])
    assert (b'"citations":{"enabled":true}' in written.body) is not dropped
