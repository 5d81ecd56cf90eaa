"""Nothing that a client asks is lost in silence: every field, at every upstream and at the house's own engines."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsBase
from openai.types.chat.completion_create_params import CompletionCreateParamsBase as ChatParams
from openai.types.completion_create_params import CompletionCreateParamsBase
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.responses.response_create_params import ResponseCreateParamsBase

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.catalogue import CLIENTS, RERANK_CLIENTS, UPSTREAMS
from tulou.services.gateway.dialects.catalogue import EMBEDDERS as EMBEDDING
from tulou.services.gateway.dialects.catalogue import RERANKERS as RERANKING_UPSTREAMS
from tulou.services.gateway.dialects.dialect import Ability
from tulou.services.gateway.dialects.embeddings.client import read_request as read_embed
from tulou.services.gateway.dialects.options import (
    EMBEDDERS,
    EMBEDDINGS,
    OPTIONS,
    RERANKERS,
    RERANKING,
    Option,
    options,
)
from tulou.services.gateway.dialects.own import settle_own, without
from tulou.services.gateway.dialects.tests.asked import CHAT, COMPLETIONS, MESSAGES, RESPONSES, asked
from tulou.services.gateway.dialects.tests.test_matrix import MODELS
from tulou.services.gateway.dialects.tests.wishes import NEEDS, WISHES

Json = dict[str, Any]
Told = tuple[set[str], bytes]
LIBRARIES: dict[str, type] = {
    "chat": ChatParams,
    "completions": CompletionCreateParamsBase,
    "responses": ResponseCreateParamsBase,
    "messages": MessageCreateParamsBase,
}
DIALECTS: dict[str, Any] = {**CLIENTS}
VENDORS: dict[str, Any] = {**UPSTREAMS}
NEW = "a_field_of_tomorrow"
OPEN = frozenset({"parameters", "input_schema", "schema", "metadata", "arguments"})
"""Objects whose fields are the client's own to name."""


def sent(client: str, target: str, request: Json) -> Told:
    """Return what is told as dropped, and what is sent; raise `InvalidError` for what is refused."""
    body = json.dumps(request).encode()
    passes = (client == "chat" and target == "own") or (client == "completions" and target in {"openai", "own"})
    if passes:
        passed = settle_own("chat" if client == "chat" else "completions", body) if target == "own" else ()
        return {drop.field for drop in passed}, without(body, passed)
    upstream = VENDORS["openai" if target == "own" else target]
    written = upstream.write_request(DIALECTS[client].read_request(body), Ability(model=MODELS.get(target, "m")))
    passed = settle_own("chat", written.body) if target == "own" else ()
    return {drop.field for drop in (*written.dropped, *passed)}, without(written.body, passed)


def base(client: str, field: str) -> Json:
    return asked(client, "") | NEEDS.get((client, field), {})


def concerns(field: str, told: str) -> bool:
    """Say whether what is told of is the field, something in it, or what it is called with its like."""
    roots = {field, *RELATED.get(field, ())}
    return told.split(".", maxsplit=1)[0] in roots


RELATED = {
    "top_logprobs": ("logprobs",),
    "logprobs": ("top_logprobs",),
    "reasoning": ("reasoning_effort",),
    "thinking": ("reasoning_effort",),
    "output_config": ("reasoning_effort",),
    "text": ("verbosity",),
    "metadata": ("user",),
}


@pytest.mark.parametrize(
    "option",
    [option for option in options() if option.outcome != "by the gate"],
    ids=lambda option: f"{option.client}-{option.field}-{option.target}",
)
def test_a_field_is_honoured_refused_or_told(option: Option) -> None:
    without = base(option.client, option.field)
    request = without | {option.field: WISHES[option.client][option.field]}

    if option.outcome == "refused":
        with pytest.raises(InvalidError) as caught:
            sent(option.client, option.target, request)
        assert caught.value.param is not None
        assert concerns(option.field, caught.value.param)
        return
    told, body = sent(option.client, option.target, request)
    if option.outcome == "dropped":
        assert any(concerns(option.field, name) for name in told)
        assert told.isdisjoint(json.loads(body))
        return
    assert told == set()
    if option.field not in asked(option.client, "") and option.field != "stream":
        assert json.loads(body) != json.loads(sent(option.client, option.target, without)[1])


@pytest.mark.parametrize("client", LIBRARIES)
def test_every_field_of_the_clients_own_library_is_in_the_table(client: str) -> None:
    assert set(LIBRARIES[client].__annotations__) <= OPTIONS[client].keys()
    assert OPTIONS[client].keys() == WISHES[client].keys()


EMBEDDED: Json = {
    "model": "m",
    "input": "x",
    "encoding_format": "base64",
    "dimensions": 2,
    "user": "u",
    "of_tomorrow": 1,
}
RANKED: Json = {
    "model": "m",
    "query": "q",
    "documents": ["a"],
    "top_n": 1,
    "return_documents": True,
    "max_tokens_per_doc": 5,
    "of_tomorrow": 1,
}


@pytest.mark.parametrize("target", EMBEDDERS)
def test_a_field_of_embeddings_is_honoured_or_told(target: str) -> None:
    body = json.dumps(EMBEDDED).encode()
    if target == "own":
        dropped = settle_own("embeddings", body)
        sent_there = without(body, dropped)
    else:
        embedder: Any = {**EMBEDDING}[target]  # pyright: ignore[reportArgumentType] - a name of the table
        written = embedder.write_request(read_embed(body), Ability(model="amazon.titan-embed-text-v2:0"))
        dropped, sent_there = written.dropped, written.body

    rows = {field: row[EMBEDDERS.index(target)] for field, row in EMBEDDINGS.items()}
    assert {drop.field for drop in dropped} == {field for field, letter in rows.items() if letter == "d"}
    assert (b"of_tomorrow" in sent_there) is (target == "openai")
    assert set(EmbeddingCreateParams.__annotations__) <= rows.keys()
    assert rows.keys() == EMBEDDED.keys()


@pytest.mark.parametrize("target", RERANKERS)
def test_a_field_of_rerank_is_honoured_or_told(target: str) -> None:
    asked = RERANK_CLIENTS["jina"].read_request(json.dumps(RANKED).encode())
    reranker: Any = {**RERANKING_UPSTREAMS}[target]  # pyright: ignore[reportArgumentType] - a name of the table
    written = reranker.write_request(asked, Ability(model="m"))

    rows = {field: row[RERANKERS.index(target)] for field, row in RERANKING.items()}
    assert {drop.field for drop in written.dropped} == {field for field, letter in rows.items() if letter == "d"}
    assert all(field.encode() in written.body for field, letter in rows.items() if letter == "y")
    assert rows.keys() == RANKED.keys()


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where an object of a request is, but for those whose fields are the client's to name."""
    if isinstance(value, dict):
        yield path
        for name, inner in value.items():  # pyright: ignore[reportUnknownVariableType] - JSON
            if name not in OPEN and not (name == "input" and "content" in path):
                yield from places(inner, (*path, str(name)))  # pyright: ignore[reportUnknownArgumentType] - JSON
    elif isinstance(value, list):
        for at, inner in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - JSON
            yield from places(inner, (*path, at))  # pyright: ignore[reportUnknownArgumentType] - JSON


FEATURES: dict[str, Any] = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES, "completions": COMPLETIONS}
ASKED = [(client, feature) for client, features in FEATURES.items() for feature in ("", *features)]


@pytest.mark.parametrize(("client", "feature"), ASKED)
def test_a_field_that_nobody_knows_is_told_or_passed_on_wherever_it_stands(client: str, feature: str) -> None:
    request = asked(client, feature)
    for path in places(request):
        changed = copy.deepcopy(request)
        inner: Any = changed
        for step in path:
            inner = inner[step]
        inner[NEW] = {"a": 1}
        names = [str(step) for step in path if isinstance(step, str)]
        for target in VENDORS:
            try:
                told, body = sent(client, target, changed)
            except InvalidError:
                continue
            above = {"stream_options", "cache_control"} & set(names)
            known = any(NEW in name or any(part in name for part in above) for name in told)
            marked = "cache_control" in names and target == "bedrock"
            assert NEW.encode() in body or known or marked, (path, target)
            assert NEW.encode() not in body or not any(NEW in name for name in told), (path, target)
