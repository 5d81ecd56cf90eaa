"""Paths, schemas and tags of the gate's own routes; what is asked comes from the dialect, so that both agree."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tulou.services.gateway.http import dialect
from tulou.services.gateway.http.openapi import answers
from tulou.services.gateway.http.openapi.words import ANSWERS, ASKED, FIELDS, REFUSALS, REPLY_HEADERS, STREAMS
from tulou.services.gateway.stack.backend import PATHS

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"
PREFIX_SERVERS: list[Json] = [
    {"url": "/"},
    {"url": "/openai", "description": "The same, for clients that put the vendor's name before `/v1`"},
]
REQUESTS: Mapping[str, str] = {
    "Chat": "ChatRequest",
    "Completion": "CompletionRequest",
    "Embeddings": "EmbeddingsRequest",
    "Message": "ChatMessage",
    "StreamOptions": "StreamOptions",
}
"""Names of the dialect's classes, and those of their schemas: `Completion` would be taken for the answer."""

ROUTES: list[tuple[str, str, type[msgspec.Struct], type[msgspec.Struct], type[msgspec.Struct] | None]] = [
    (PATHS["chat"], "create_chat_completion", dialect.Chat, answers.ChatCompletion, answers.ChatCompletionChunk),
    (PATHS["completions"], "create_completion", dialect.Completion, answers.TextCompletion, answers.TextCompletion),
    (PATHS["embeddings"], "create_embeddings", dialect.Embeddings, answers.EmbeddingList, None),
]
SHOWN = (answers.ServedModels, answers.ServedModel, answers.Health, answers.Readiness, answers.Running)


def document() -> Json:
    """Return `tags`, `paths` and `components`, to be merged into the document of the house."""
    return {
        "tags": [
            {"name": "inference", "description": "As OpenAI's API; for keys with the scope `inference`."},
            {"name": "operations", "description": "How the gate is; for everybody."},
        ],
        "paths": {**_inference(), **_models(), **_operations()},
        "components": {
            "schemas": _schemas(),
            "responses": {f"Refused{status}": _refused(words) for status, words in REFUSALS.items()},
            "headers": {name: {"description": words, "schema": {"type": "string"}} for name, words in REPLY_HEADERS},
        },
    }


def _inference() -> Json:
    return {
        path: {"servers": PREFIX_SERVERS, "post": _asking(path, name, asked, answered, chunk)}
        for path, name, asked, answered, chunk in ROUTES
    }


def _asking(
    path: str,
    name: str,
    asked: type[msgspec.Struct],
    answered: type[msgspec.Struct],
    chunk: type[msgspec.Struct] | None,
) -> Json:
    content: Json = {"application/json": {"schema": _ref(answered.__name__), "example": ANSWERS[path]}}
    if chunk is not None:
        content["text/event-stream"] = {
            "schema": {"type": "string", "description": "Server-sent events; the data of each is `x-itemSchema`"},
            "x-itemSchema": _ref(chunk.__name__),
            "example": STREAMS[path],
        }
    body = {"schema": _ref(REQUESTS[asked.__name__]), "examples": ASKED[path]}
    return {
        **_about(name, "inference"),
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": {
                "description": "The answer" if chunk is None else "The answer, whole or with `stream` as events",
                "headers": {name: {"$ref": f"#/components/headers/{name}"} for name, _ in REPLY_HEADERS},
                "content": content,
            },
            **_refusals(*REFUSALS),
        },
    }


def _models() -> Json:
    listed = {**_about("list_served_models", "inference"), "responses": _shown("ServedModels", 401, 403, 503)}
    named = {
        **_about("get_served_model", "inference"),
        "parameters": [
            {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}, "example": "tulou-demo"}
        ],
        "responses": _shown("ServedModel", 401, 403, 404, 503),
    }
    return {
        "/v1/models": {"servers": PREFIX_SERVERS, "get": listed},
        "/v1/models/{model}": {"servers": PREFIX_SERVERS, "get": named},
    }


def _operations() -> Json:
    ready = _shown("Readiness") | {"503": _json("Not yet, or no longer", "Readiness")}
    text = {"text/plain": {"schema": {"type": "string"}}}
    metrics: Json = {"200": {"description": "In Prometheus text format 0.0.4", "content": text}}
    replies = {
        "/healthz": ("get_health", _shown("Health")),
        "/readyz": ("get_readiness", ready),
        "/metrics": ("get_gate_metrics", metrics),
        "/version": ("get_version", _shown("Running")),
    }
    return {
        path: {"get": {**_about(name, "operations"), "security": [], "responses": responses}}
        for path, (name, responses) in replies.items()
    }


def _about(name: str, tag: str) -> Json:
    summary, description = FIELDS[name]
    return {"tags": [tag], "operationId": name, "summary": summary, "description": description}


def _shown(name: str, *statuses: int) -> Json:
    return {"200": _json("As asked", name), **_refusals(*statuses)}


def _json(description: str, name: str) -> Json:
    return {"description": description, "content": {"application/json": {"schema": _ref(name)}}}


def _refusals(*statuses: int) -> Json:
    return {str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in statuses}


def _refused(words: str) -> Json:
    return _json(words, answers.RefusalReply.__name__)


def _ref(name: str) -> Json:
    return {"$ref": SCHEMAS + name}
