"""Reads a request for a chat completion."""

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.openai_chat.message_reader import read_message
from tulou.services.gateway.dialects.openai_chat.tool_reader import read_choice, read_tools
from tulou.services.gateway.dialects.openai_chat.words import ESSENTIAL, FAMILY
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Reasoning
from tulou.services.gateway.dialects.reading import (
    NUMBER,
    OBJECT,
    TEXT,
    TEXT_OR_TEXTS,
    TRUTH,
    WHOLE,
    Fields,
    Object,
    counted,
    read_object,
    wrong_type,
)


def read_request(body: bytes) -> Prompt:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` with the place of what is wrong."""
    fields = read_object(body)
    tools, hosted = read_tools(fields)
    shape, odd_shape, unread = _shape(fields)
    choice, odd_choice, more = read_choice(fields)
    options = fields.inner("stream_options")
    usage = options is not None and options.take("include_usage", TRUTH) is True
    cap = fields.take("max_tokens", WHOLE)
    model = fields.need("model", TEXT)
    if "messages" not in fields:
        raise wrong_type("messages", "It is missing")
    turns = tuple(read_message(message) for message in fields.each("messages"))
    prompt = Prompt(
        model=model,
        turns=turns,
        tools=tools,
        hosted=hosted,
        tool_choice=choice,
        parallel_tools=fields.take("parallel_tool_calls", TRUTH),
        max_tokens=_first(fields.take("max_completion_tokens", WHOLE), cap),
        temperature=fields.take("temperature", NUMBER),
        top_p=fields.take("top_p", NUMBER),
        top_k=fields.take("top_k", WHOLE),
        stop=_stop(fields),
        seed=fields.take("seed", WHOLE),
        presence_penalty=fields.take("presence_penalty", NUMBER),
        frequency_penalty=fields.take("frequency_penalty", NUMBER),
        n=counted(fields, "n"),
        logprobs=_logprobs(fields),
        shape=shape,
        reasoning=_reasoning(fields),
        verbosity=fields.text("verbosity"),
        stream=fields.take("stream", TRUTH) is True,
        usage_in_stream=usage,
        user=fields.text("user"),
        metadata=fields.take("metadata", OBJECT) or {},
        unread=unread + more,
        family=FAMILY,
    )
    extra = fields.rest() | odd_shape | odd_choice
    if options is not None and (more := options.rest()):
        extra["stream_options"] = msgspec.Raw(msgspec.json.encode(more))
    return msgspec.structs.replace(prompt, extra=extra, essential=_essential(extra)) if extra else prompt


def _essential(extra: Object) -> frozenset[str]:
    found = ESSENTIAL & extra.keys()
    if "modalities" in found and bytes(extra["modalities"]).replace(b" ", b"") == b'["text"]':
        found -= {"modalities"}
    return frozenset(found)


def _stop(fields: Fields) -> tuple[str, ...]:
    stop = fields.take("stop", TEXT_OR_TEXTS)
    return (stop,) if isinstance(stop, str) else tuple(stop or ())


def _logprobs(fields: Fields) -> int | None:
    wanted, top = fields.take("logprobs", TRUTH), fields.take("top_logprobs", WHOLE)
    if top and not wanted:
        raise InvalidError("top_logprobs: it needs logprobs to be true", param="top_logprobs")
    return (top or 0) if wanted else None


def _reasoning(fields: Fields) -> Reasoning | None:
    effort = fields.text("reasoning_effort")
    return Reasoning(effort=effort, off=effort == "none") if effort else None


def _shape(fields: Fields) -> tuple[AnswerShape | None, Object, tuple[str, ...]]:
    """Return the shape that the answer must have, or as written one that only some vendors know; and what is unread."""
    raw = fields.raw("response_format")
    if raw is None:
        return None, {}, ()
    asked = Fields({"response_format": raw}).inner("response_format")
    kind = asked.need("type", TEXT) if asked else "text"
    if asked is None or kind == "text":
        return None, {}, asked.unread() if asked else ()
    if kind == "json_object":
        return AnswerShape(kind="json_object"), {}, asked.unread()
    schema = asked.inner("json_schema")
    if kind != "json_schema" or schema is None:
        return None, {"response_format": raw}, ()
    shape = AnswerShape(
        kind="json_schema",
        name=schema.text("name"),
        schema=schema.raw("schema"),
        strict=schema.take("strict", TRUTH),
        description=schema.text("description"),
    )
    return shape, {}, asked.unread() + schema.unread()


def _first(value: int | None, other: int | None) -> int | None:
    return other if value is None else value
