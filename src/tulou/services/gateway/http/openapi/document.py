"""Paths, components and tags of the gate's own routes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.catalogue import ALL
from tulou.services.gateway.endpoints.endpoint import GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT
from tulou.services.gateway.http.listing import LONGEST_PAGE, PAGE
from tulou.services.gateway.http.openapi.schemas import ref, schemas
from tulou.services.gateway.http.openapi.words import ABOUT, REFUSAL_HEADERS, REFUSALS, REPLY_HEADERS

Json = dict[str, Any]
Shape = type[msgspec.Struct]

SERVERS: list[Json] = [
    {"url": "/"},
    {"url": "/openai", "description": "The same, for clients that put the vendor's name before `/v1`"},
]
ANTHROPIC_SERVERS: list[Json] = [
    {"url": "/"},
    {"url": "/anthropic", "description": "The same, for clients that put the vendor's name before `/v1`"},
]
ANTHROPICS, EITHERS = "Anthropic", "Either"
REFUSED: Mapping[str, tuple[Shape, ...]] = {
    "": (answers.RefusalReply,),
    ANTHROPICS: (answers.AnthropicRefusalReply,),
    EITHERS: (answers.RefusalReply, answers.AnthropicRefusalReply),
}
"""In whose shape a refusal is told; the header `anthropic-version` decides where it may be either's."""

TAGS: list[Json] = [
    {"name": "inference", "description": "As OpenAI's and Anthropic's APIs; for keys with the scope `inference`."},
    {"name": "operations", "description": "How the gate is; for everybody."},
]


def document() -> Json:
    """Return `tags`, `paths` and `components`, to be merged into the document of the house."""
    return {
        "tags": TAGS,
        "paths": {**_models(), **dict(_inference()), **_kept(), **_operations()},
        "components": _components(),
    }


def _components() -> Json:
    headers = {**REPLY_HEADERS, **REFUSAL_HEADERS}
    return {
        "schemas": schemas(),
        "headers": {name: {"description": words, "schema": {"type": "string"}} for name, words in headers.items()},
        "responses": {
            f"{whose}Refused{status}": _json(words, *shapes) | {"headers": _headers(REFUSAL_HEADERS)}
            for whose, shapes in REFUSED.items()
            for status, words in REFUSALS.items()
        },
    }


def _inference() -> Iterator[tuple[str, Json]]:
    for endpoint in ALL:
        facts = endpoint.facts
        servers = ANTHROPIC_SERVERS if facts.vendor == "anthropic" else SERVERS
        for number, path in enumerate((facts.path, *facts.aliases)):
            own = {"servers": servers} if not number and facts.vendor != "nobody" else {}
            operation = endpoint.described.operation
            name = f"{operation}_{number + 1}" if number else operation
            yield path, {**own, "post": _post(endpoint) | {"operationId": name}}


def _kept() -> Json:
    named: Json = {
        "name": "response",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "example": "resp_1",
    }
    place: Json = {"servers": SERVERS, "parameters": [named]}
    refused = _refusals(400, 401, 403, 404, 503)
    shown = {"200": _json("The response", answers.Response), **refused}
    gone = {"200": _json("It is gone", answers.DeletedResponse), **refused}
    items = {"200": _json("The items, newest first unless `order` says `asc`", answers.ResponseItems), **refused}
    paging = [
        _query("limit", "How many, up to 100"),
        _query("after", "The last id seen"),
        _query("order", "`asc`, `desc`"),
    ]
    again = [_query("stream", "`true` for its events"), _query("starting_after", "The last sequence number seen")]
    return {
        "/v1/responses/{response}": {
            **place,
            "get": {**_about("get_response", "inference"), "parameters": again, "responses": shown},
            "delete": {**_about("delete_response", "inference"), "responses": gone},
        },
        "/v1/responses/{response}/input_items": {
            **place,
            "get": {**_about("list_response_input_items", "inference"), "parameters": paging, "responses": items},
        },
        "/v1/responses/{response}/cancel": {
            **place,
            "post": {**_about("cancel_response", "inference"), "responses": {**shown, **_refusals(409)}},
        },
    }


def _query(name: str, words: str) -> Json:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": {"type": "string"}}


def _post(endpoint: GatewayEndpoint) -> Json:
    described = endpoint.described
    whose = ANTHROPICS if endpoint.facts.vendor == "anthropic" else ""
    body: Json = {"schema": ref(endpoint.request), "examples": described.questions}
    answer = {"description": "The answer", "headers": _headers(REPLY_HEADERS), "content": _content(endpoint)}
    return {
        **_told(described.operation, "inference", described.summary, described.about),
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {"200": answer, **_refusals(*REFUSALS, whose=whose)},
    }


def _content(endpoint: GatewayEndpoint) -> Json:
    described = endpoint.described
    whole: Json = {"schema": ref(described.answered), "example": described.answer}
    if described.streamed is None:
        return {"application/json": whole}
    ending = " each and at last `data: [DONE]`" if endpoint.chunks else " and the event's name before each"
    words = "Server-sent events, `data: {json}`" + ending + "; the JSON is of `x-itemSchema`."
    stream: Json = {
        "schema": {"description": words},
        "x-itemSchema": ref(described.streamed),  # OpenAPI has a word for it from 3.2 on
        "example": described.events,
    }
    return {"application/json": whole, "text/event-stream": stream}


def _models() -> Json:
    named: Json = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}, "example": CHAT}
    version = _query("anthropic-version", "Sent by Anthropic's clients, who get its shape") | {"in": "header"}
    numbers: Json = {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE}
    paging = [
        _query("limit", "How many; to Anthropic's clients") | {"schema": numbers},
        _query("after_id", "The page after this model; to Anthropic's clients"),
        _query("before_id", "The page before this model; to Anthropic's clients"),
    ]
    listed = _read("list_served_models", [version, *paging], 400, answers.ServedModels, answers.AnthropicModels)
    shown = _read("get_served_model", [named, version], 404, answers.ServedModel, answers.AnthropicModel)
    return {
        "/v1/models": {"servers": SERVERS, "get": listed},
        "/v1/models/{model}": {"servers": SERVERS, "get": shown},
        "/anthropic/v1/models": {"get": _read("list_anthropic_models", paging, 400, answers.AnthropicModels)},
        "/anthropic/v1/models/{model}": {"get": _read("get_anthropic_model", [named], 404, answers.AnthropicModel)},
    }


def _read(name: str, parameters: list[Json], wrong: int, *shapes: Shape) -> Json:
    """Describe a GET of models, in Anthropic's shape or in either; *wrong* is what a wrong parameter is told."""
    refused = _refusals(401, 403, wrong, 503, whose=EITHERS if len(shapes) > 1 else ANTHROPICS)
    answered = {"200": _json("What the key may use", *shapes), **refused}
    return {**_about(name, "inference"), "parameters": parameters, "responses": answered}


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
    return _told(name, tag, *ABOUT[name])


def _told(name: str, tag: str, summary: str, description: str) -> Json:
    return {"tags": [tag], "operationId": name, "summary": summary, "description": description}


def _json(description: str, *shapes: Shape) -> Json:
    schema = ref(shapes[0]) if len(shapes) == 1 else {"anyOf": [ref(shape) for shape in shapes]}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _refusals(*statuses: int, whose: str = "") -> Json:
    return {str(status): {"$ref": f"#/components/responses/{whose}Refused{status}"} for status in statuses}


def _headers(words: Iterable[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in words}
