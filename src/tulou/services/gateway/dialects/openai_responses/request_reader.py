"""Reads a request for a response."""

import msgspec

from tulou.services.gateway.dialects.openai_responses.item_reader import read_input
from tulou.services.gateway.dialects.openai_responses.tool_reader import ToolReader, read_choice
from tulou.services.gateway.dialects.openai_responses.words import ESSENTIAL, FAMILY, HONOURED, LOGPROBS, SETTLED
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Reasoning, TextPart, Turn
from tulou.services.gateway.dialects.reading import (
    NUMBER,
    OBJECT,
    TEXT,
    TEXTS,
    TRUTH,
    WHOLE,
    Fields,
    Object,
    read_object,
    wrong_type,
)

DISABLED = msgspec.Raw(b'"disabled"')


def read_request(body: bytes) -> Prompt:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` with the place of what is wrong."""
    fields = read_object(body)
    model = fields.need("model", TEXT)
    reader = ToolReader()
    reader.read(fields)
    turns = tuple(read_input(fields, reader))
    tools = reader.tools
    if instructions := fields.text("instructions"):
        turns = (Turn(role="system", parts=(TextPart(text=instructions),)), *turns)
    choice, odd_choice, more = read_choice(fields, tools)
    text = fields.inner("text") or Fields({})
    shape, unread = _shape(text)
    include: list[str] = fields.take("include", TEXTS) or []
    top = fields.take("top_logprobs", WHOLE)
    prompt = Prompt(
        model=model,
        turns=turns,
        tools=tools,
        hosted=reader.hosted,
        tool_choice=choice,
        parallel_tools=fields.take("parallel_tool_calls", TRUTH),
        max_tokens=fields.take("max_output_tokens", WHOLE),
        temperature=fields.take("temperature", NUMBER),
        top_p=fields.take("top_p", NUMBER),
        logprobs=top or 0 if top or LOGPROBS in include else None,
        shape=shape,
        reasoning=_reasoning(fields),
        verbosity=text.text("verbosity"),
        stream=fields.take("stream", TRUTH) is True,
        usage_in_stream=True,
        user=fields.text("user"),
        metadata=fields.take("metadata", OBJECT) or {},
        unread=unread + more,
        family=FAMILY,
    )
    extra = fields.rest() | odd_choice
    if rest := text.rest():
        extra["text"] = msgspec.Raw(msgspec.json.encode(rest))
    if include:
        extra["include"] = msgspec.Raw(msgspec.json.encode(include))
    if not extra:
        return prompt
    return msgspec.structs.replace(
        prompt, extra=extra, essential=ESSENTIAL & extra.keys(), settled=_settled(extra, include)
    )


def _settled(extra: Object, include: list[str]) -> frozenset[str]:
    settled = set(SETTLED & extra.keys())
    if include and HONOURED.issuperset(include):
        settled.add("include")
    if extra.get("truncation") == DISABLED:
        settled.add("truncation")
    return frozenset(settled)


def _shape(text: Fields) -> tuple[AnswerShape | None, tuple[str, ...]]:
    form = text.inner("format")
    if form is None:
        return None, ()
    form.place = "text.format"
    match form.need("type", TEXT):
        case "text":
            shape = None
        case "json_object":
            shape = AnswerShape(kind="json_object")
        case "json_schema":
            shape = AnswerShape(
                kind="json_schema",
                name=form.text("name"),
                schema=form.raw("schema"),
                strict=form.take("strict", TRUTH),
                description=form.text("description"),
            )
        case other:
            raise wrong_type("text.format.type", f"It is text, json_object or json_schema, not {other!r}")
    return shape, form.unread()


def _reasoning(fields: Fields) -> Reasoning | None:
    reasoning = fields.inner("reasoning")
    if reasoning is None:
        return None
    effort = reasoning.text("effort")
    summary = reasoning.text("generate_summary")
    summary = reasoning.text("summary") or summary
    return Reasoning(effort=effort, off=effort == "none", summary=summary, rest=reasoning.rest())
