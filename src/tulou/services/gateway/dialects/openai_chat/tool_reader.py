"""Reads tools and how they are to be chosen."""

import msgspec

from tulou.services.gateway.dialects.prompt import CacheMark, Grammar, Tool, ToolChoice
from tulou.services.gateway.dialects.reading import TEXT, TEXT_OR_OBJECT, TRUTH, Fields, Object, wrong_type

NAMED = frozenset({"function", "custom"})


def read_tools(fields: Fields) -> tuple[tuple[Tool, ...], tuple[msgspec.Raw, ...]]:
    """Return the tools that the client runs, and those that a vendor does, as written."""
    tools: list[Tool] = []
    hosted: list[msgspec.Raw] = []
    for tool in fields.each("tools"):
        kind = tool.need("type", TEXT)
        if kind in NAMED:
            tools.append(_tool(kind, tool))
        else:
            hosted.append(tool.whole({"type": kind}))
    return tuple(tools), tuple(hosted)


def _tool(kind: str, tool: Fields) -> Tool:
    inner = tool.need_inner(kind)
    mark = tool.raw("cache_control")
    return Tool(
        name=inner.need("name", TEXT),
        description=inner.text("description"),
        parameters=inner.raw("parameters"),
        strict=inner.take("strict", TRUTH),
        custom=kind == "custom",
        grammar=_grammar(inner) if kind == "custom" else None,
        cached=CacheMark(mark) if mark is not None else None,
        rest=tool.rest_with(kind, inner),
    )


def _grammar(custom: Fields) -> Grammar | None:
    form = custom.inner("format")
    if form is None or form.need("type", TEXT) == "text":
        return None
    grammar = form.need_inner("grammar")
    return Grammar(syntax=grammar.text("syntax"), definition=grammar.need("definition", TEXT))


def read_choice(fields: Fields) -> tuple[ToolChoice | None, Object, tuple[str, ...]]:
    """Return how tools are to be chosen, or as written a choice of tools that a vendor runs; and what is unread."""
    raw = fields.raw("tool_choice")
    if raw is None:
        return None, {}, ()
    choice = Fields({"tool_choice": raw}).take("tool_choice", TEXT_OR_OBJECT)
    if isinstance(choice, str):
        match choice:
            case "auto" | "none" | "required":
                return ToolChoice(mode=choice), {}, ()
            case _:
                raise wrong_type("tool_choice", "It is auto, none, required, or an object")
    asked = Fields(choice or {}, "tool_choice")
    match asked.need("type", TEXT):
        case "function" | "custom" as kind:
            named = asked.need_inner(kind)
            choice = ToolChoice(mode="required", names=(named.need("name", TEXT),))
            return choice, {}, asked.unread() + named.unread()
        case "allowed_tools":
            allowed = _allowed(asked)
        case _:
            allowed = None
    return (None, {"tool_choice": raw}, ()) if allowed is None else (allowed, {}, asked.unread())


def _allowed(asked: Fields) -> ToolChoice | None:
    """Return a choice of some tools, None if one of them must be called and not all are the client's.

    Where some may be called those of the vendor need no word: if it runs them it is asked as written anyway.
    """
    allowed = asked.need_inner("allowed_tools")
    given = list(allowed.each("tools"))
    named = [inner for tool in given for kind in NAMED if (inner := tool.inner(kind)) is not None]
    names = tuple(inner.need("name", TEXT) for inner in named)
    required = allowed.text("mode") == "required"
    if names and (len(names) == len(given) or not required):
        return ToolChoice(mode="required" if required else "auto", names=names)
    return None if required or not given else ToolChoice(mode="none")
