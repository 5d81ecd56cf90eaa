"""Reads a request for a message, or for the count of its tokens."""

import msgspec

from tulou.services.gateway.dialects.anthropic.block_reader import mark, read_blocks
from tulou.services.gateway.dialects.anthropic.words import ESSENTIAL, FAMILY
from tulou.services.gateway.dialects.prompt import AnswerShape, Prompt, Reasoning, Role, Tool, ToolChoice, Turn
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


def read_request(body: bytes) -> Prompt:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` with the place of what is wrong."""
    fields = read_object(body)
    if "max_tokens" not in fields:
        raise wrong_type("max_tokens", "It is missing")
    return _read(fields)


def read_count(body: bytes) -> Prompt:
    """Return the prompt whose tokens are to be counted; errors are those of a request."""
    return _read(read_object(body))


def _read(fields: Fields) -> Prompt:
    model = fields.need("model", TEXT)
    if "messages" not in fields:
        raise wrong_type("messages", "It is missing")
    system = tuple(read_blocks(fields, "system"))
    turns = tuple(_turn(message) for message in fields.each("messages"))
    tools, hosted = _tools(fields)
    choice, parallel, unread = _tool_choice(fields)
    config = fields.inner("output_config") or Fields({})
    shape, more = _shape(config)
    user, metadata = _metadata(fields)
    prompt = Prompt(
        model=model,
        turns=(Turn(role="system", parts=system), *turns) if system else turns,
        tools=tools,
        hosted=hosted,
        tool_choice=choice,
        parallel_tools=parallel,
        max_tokens=fields.take("max_tokens", WHOLE),
        temperature=fields.take("temperature", NUMBER),
        top_p=fields.take("top_p", NUMBER),
        top_k=fields.take("top_k", WHOLE),
        stop=tuple(fields.take("stop_sequences", TEXTS) or ()),
        shape=shape,
        reasoning=_reasoning(fields, config.text("effort")),
        stream=fields.take("stream", TRUTH) is True,
        usage_in_stream=True,
        user=user,
        metadata=metadata,
        unread=unread + more,
        family=FAMILY,
    )
    extra = fields.rest()
    if rest := config.rest():
        extra["output_config"] = msgspec.Raw(msgspec.json.encode(rest))
    essential = frozenset(ESSENTIAL & extra.keys())
    return msgspec.structs.replace(prompt, extra=extra, essential=essential) if extra else prompt


def _turn(message: Fields) -> Turn:
    role: Role
    match message.need("role", TEXT):
        case "user" | "assistant" | "system" as said:
            role = said
        case other:
            raise wrong_type(message.at("role"), f"It is user, assistant or system, not {other!r}")
    if "content" not in message:
        raise wrong_type(message.at("content"), "It is missing")
    return Turn(role=role, parts=tuple(read_blocks(message, "content")), rest=message.rest())


def _tools(fields: Fields) -> tuple[tuple[Tool, ...], tuple[msgspec.Raw, ...]]:
    tools: list[Tool] = []
    hosted: list[msgspec.Raw] = []
    for tool in fields.each("tools"):
        kind = tool.text("type")
        if kind not in {"", "custom"}:
            hosted.append(tool.whole({"type": kind}))
            continue
        tools.append(
            Tool(
                name=tool.need("name", TEXT),
                description=tool.text("description"),
                parameters=tool.raw("input_schema"),
                strict=tool.take("strict", TRUTH),
                cached=mark(tool),
                rest=tool.rest(),
            )
        )
    return tuple(tools), tuple(hosted)


def _tool_choice(fields: Fields) -> tuple[ToolChoice | None, bool | None, tuple[str, ...]]:
    choice = fields.inner("tool_choice")
    if choice is None:
        return None, None, ()
    alone = choice.take("disable_parallel_tool_use", TRUTH)
    parallel = None if alone is None else not alone
    match choice.need("type", TEXT):
        case "auto":
            chosen = ToolChoice(mode="auto")
        case "any":
            chosen = ToolChoice(mode="required")
        case "none":
            chosen = ToolChoice(mode="none")
        case "tool":
            chosen = ToolChoice(mode="required", names=(choice.need("name", TEXT),))
        case other:
            raise wrong_type("tool_choice.type", f"It is auto, any, tool or none, not {other!r}")
    return chosen, parallel, choice.unread()


def _shape(config: Fields) -> tuple[AnswerShape | None, tuple[str, ...]]:
    form = config.inner("format")
    if form is None:
        return None, ()
    if (kind := form.need("type", TEXT)) != "json_schema":
        raise wrong_type("output_config.format.type", f"It is json_schema, not {kind!r}")
    return AnswerShape(kind="json_schema", schema=form.raw("schema")), form.unread()


def _reasoning(fields: Fields, effort: str) -> Reasoning | None:
    thinking = fields.inner("thinking")
    if thinking is None:
        return Reasoning(effort=effort) if effort else None
    match kind := thinking.need("type", TEXT):
        case "disabled":
            return Reasoning(effort=effort, off=True)
        case "enabled":
            budget = thinking.need("budget_tokens", WHOLE)
            return Reasoning(effort=effort, budget=budget, rest=thinking.rest())
        case _:
            told: Object = {"type": msgspec.Raw(msgspec.json.encode(kind))}
            return Reasoning(effort=effort, rest=told | thinking.rest())


def _metadata(fields: Fields) -> tuple[str, Object]:
    metadata = Fields(fields.take("metadata", OBJECT) or {}, "metadata")
    return metadata.text("user_id"), metadata.rest()
