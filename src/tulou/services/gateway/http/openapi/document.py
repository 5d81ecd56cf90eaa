"""Paths, components and tags of the gate's own routes."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.http.endpoints.openai import Chat, Completion, Embeddings
from tulou.services.gateway.http.openapi import answers
from tulou.services.gateway.http.openapi.examples import ANSWERED, ASKED, CHAT, STREAMED
from tulou.services.gateway.http.openapi.schemas import ref, schemas
from tulou.services.gateway.http.openapi.words import ABOUT, REFUSAL_HEADERS, REFUSALS, REPLY_HEADERS
from tulou.services.gateway.stack.backend import PATHS

Json = dict[str, Any]
Shape = type[msgspec.Struct]

SERVERS: list[Json] = [
    {"url": "/"},
    {"url": "/openai", "description": "The same, for clients that put the vendor's name before `/v1`"},
]
TAGS: list[Json] = [
    {"name": "inference", "description": "As OpenAI's API; for keys with the scope `inference`."},
    {"name": "operations", "description": "How the gate is; for everybody."},
]


class Asking(NamedTuple):
    """One of the POST routes; `streamed` is the data of its events."""

    endpoint: Endpoint
    name: str
    asked: Shape
    answered: Shape
    streamed: Shape | None = None


ASKINGS = (
    Asking("chat", "create_chat_completion", Chat, answers.ChatCompletion, answers.ChatCompletionChunk),
    Asking("completions", "create_completion", Completion, answers.TextCompletion, answers.TextCompletion),
    Asking("embeddings", "create_embeddings", Embeddings, answers.EmbeddingList),
)


def document() -> Json:
    """Return `tags`, `paths` and `components`, to be merged into the document of the house."""
    return {"tags": TAGS, "paths": {**_models(), **_inference(), **_operations()}, "components": _components()}


def _components() -> Json:
    headers = {**REPLY_HEADERS, **REFUSAL_HEADERS}
    return {
        "schemas": schemas(),
        "headers": {name: {"description": words, "schema": {"type": "string"}} for name, words in headers.items()},
        "responses": {
            f"Refused{status}": _json(words, answers.RefusalReply) | {"headers": _headers(REFUSAL_HEADERS)}
            for status, words in REFUSALS.items()
        },
    }


def _inference() -> Json:
    return {PATHS[asking.endpoint]: {"servers": SERVERS, "post": _post(asking)} for asking in ASKINGS}


def _post(asking: Asking) -> Json:
    body: Json = {"schema": ref(asking.asked), "examples": ASKED[asking.endpoint]}
    answer = {"description": "The answer", "headers": _headers(REPLY_HEADERS), "content": _content(asking)}
    return {
        **_about(asking.name, "inference"),
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": answer, **_refusals(*REFUSALS)},
    }


def _content(asking: Asking) -> Json:
    whole: Json = {"schema": ref(asking.answered), "example": ANSWERED[asking.endpoint]}
    if asking.streamed is None:
        return {"application/json": whole}
    words = "Server-sent events, `data: {json}` each and at last `data: [DONE]`; the JSON is of `x-itemSchema`."
    stream: Json = {
        "schema": {"description": words},
        "x-itemSchema": ref(asking.streamed),  # OpenAPI has a word for it from 3.2 on
        "example": STREAMED[asking.endpoint],
    }
    return {"application/json": whole, "text/event-stream": stream}


def _models() -> Json:
    named: Json = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}, "example": CHAT}
    listed = {"200": _json("Models by name", answers.ServedModels), **_refusals(401, 403, 503)}
    shown = {"200": _json("The model", answers.ServedModel), **_refusals(401, 403, 404, 503)}
    return {
        "/v1/models": {
            "servers": SERVERS,
            "get": {**_about("list_served_models", "inference"), "responses": listed},
        },
        "/v1/models/{model}": {
            "servers": SERVERS,
            "get": {**_about("get_served_model", "inference"), "parameters": [named], "responses": shown},
        },
    }


def _operations() -> Json:
    text: Json = {"description": "Text format 0.0.4", "content": {"text/plain": {"schema": {"type": "string"}}}}
    ready = {"200": _json("Yes", answers.Readiness), "503": _json("Not yet, or no longer", answers.Readiness)}
    return {
        "/healthz": _open("get_health", {"200": _json("It is", answers.Health)}),
        "/readyz": _open("get_readiness", ready),
        "/metrics": _open("get_gate_metrics", {"200": text}),
        "/version": _open("get_gate_version", {"200": _json("The version", answers.Running)}),
    }


def _open(name: str, responses: Json) -> Json:
    """Describe a GET that needs no key."""
    return {"get": {**_about(name, "operations"), "security": [], "responses": responses}}


def _about(name: str, tag: str) -> Json:
    summary, description = ABOUT[name]
    return {"tags": [tag], "operationId": name, "summary": summary, "description": description}


def _json(description: str, shape: Shape) -> Json:
    return {"description": description, "content": {"application/json": {"schema": ref(shape)}}}


def _refusals(*statuses: int) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in statuses}


def _headers(words: Iterable[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in words}
