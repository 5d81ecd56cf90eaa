"""What a chat request offers to a model: its tools, and whether one of them must be called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.stack.rewrite import fields_of

TOOLS = b'"tools"'
ANY_OBJECT: Mapping[str, object] = {"type": "object"}
_POINTED = "$ref"

Json = object


@dataclass(frozen=True, slots=True)
class Offer:
    """Tools by name -> the schema of their arguments; `body` is the request as the engine gets it."""

    tools: Mapping[str, Json]
    body: bytes
    streams: bool
    must: bool
    only_one: bool


class _Function(msgspec.Struct):
    name: str
    parameters: dict[str, Json] | None = None


class _Tool(msgspec.Struct):
    type: str
    function: _Function


class _Asked(msgspec.Struct):
    tools: list[_Tool] | None = None
    tool_choice: Json = None
    response_format: Json = None
    parallel_tool_calls: bool | None = None
    stream: bool | None = None


_ASKED = msgspec.json.Decoder(_Asked)


def offer_of(body: bytes) -> Offer | None:
    """Return what is offered; None where no call may come of text: the engine judges what is odd in a request."""
    if TOOLS not in body:
        return None
    try:
        asked = _ASKED.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return None
    tools = {tool.function.name: tool.function.parameters or ANY_OBJECT for tool in asked.tools or ()}
    must = asked.tool_choice == "required"
    if not tools or not (must or asked.tool_choice in (None, "auto")) or (asked.response_format and not must):
        return None
    return Offer(
        tools=tools,
        body=_forcing(body, tools) if must else body,
        streams=bool(asked.stream),
        must=must,
        only_one=must or asked.parallel_tool_calls is False,
    )


def _forcing(body: bytes, tools: Mapping[str, Json]) -> bytes:
    """Ask for an object with a tool's name and its arguments, which a grammar makes sure of in any model.

    The tools stay in the request, for the template to describe; an engine's own way to force a call depends on the
    template, and many have none.
    """
    try:
        schema = call_schema(tools)
        shape = {"type": "json_schema", "json_schema": {"name": "tool_call", "schema": schema, "strict": True}}
        written = msgspec.json.encode(shape)
    except RecursionError as error:
        raise InvalidError("tools: a schema is nested too deep to force a call by", param="tools") from error
    fields = fields_of(body) | {
        "response_format": msgspec.Raw(written),
        "tool_choice": msgspec.Raw(b'"none"'),
    }
    fields.pop("parallel_tool_calls", None)
    return msgspec.json.encode(fields)


def call_schema(tools: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the schema of a call to any one of the tools."""
    kinds = {f"arguments_{place}": parameters for place, parameters in enumerate(tools.values())}
    branches = [_branch(name, kind) for name, kind in zip(tools, kinds, strict=True)]
    return {
        **(branches[0] if len(branches) == 1 else {"anyOf": branches}),
        "$defs": {kind: _moved(parameters, f"#/$defs/{kind}") for kind, parameters in kinds.items()},
    }


def _branch(name: str, kind: str) -> Mapping[str, Json]:
    return {
        "type": "object",
        "properties": {"name": {"const": name}, "arguments": {_POINTED: f"#/$defs/{kind}"}},
        "required": ["name", "arguments"],
        "additionalProperties": False,
    }


def _moved(schema: Json, place: str) -> Json:
    """Return a schema whose references to itself go on to point to it from where it stands now."""
    if isinstance(schema, list):
        return [_moved(each, place) for each in cast("Sequence[Json]", schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        key: place + value[1:]
        if key == _POINTED and isinstance(value, str) and value.startswith("#")
        else _moved(value, place)
        for key, value in cast("Mapping[str, Json]", schema).items()
    }
