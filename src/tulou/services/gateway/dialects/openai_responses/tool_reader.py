"""Reads tools and how they are to be chosen."""

from collections.abc import Iterator

import msgspec

from tulou.services.gateway.dialects.prompt import Grammar, Namespace, Tool, ToolChoice
from tulou.services.gateway.dialects.reading import TEXT, TEXT_OR_OBJECT, TRUTH, Fields, Object, wrong_type
from tulou.services.gateway.dialects.toolbox import alone, joined

Hosted = list[msgspec.Raw]
NAMED = frozenset({"function", "custom"})


class ToolReader:
    """Gathers the tools that a client runs, those of groups included, and as written those that the vendor does."""

    def __init__(self) -> None:
        self._tools: list[Tool] = []
        self._added: dict[str, Tool] = {}
        self._hosted: Hosted = []

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The client's tools."""
        return (*(tool for tool in self._tools if tool.name not in self._added), *self._added.values())

    @property
    def hosted(self) -> tuple[msgspec.Raw, ...]:
        """The vendor's."""
        return tuple(self._hosted)

    def read(self, fields: Fields) -> None:
        """Take the tools of a request."""
        for given in fields.each("tools"):
            self._tools.extend(_read(given, self._hosted))

    def add(self, item: Fields) -> None:
        """Take the tools of an item that adds some to a conversation; one of the same name is replaced."""
        for given in item.each("tools"):
            for tool in _read(given, self._hosted):
                self._added.pop(tool.name, None)
                self._added[tool.name] = tool


def _read(given: Fields, hosted: Hosted) -> Iterator[Tool]:
    match kind := given.need("type", TEXT):
        case "function" | "custom":
            yield _tool(kind, given, None)
        case "namespace":
            inner = list(given.each("tools"))
            group = Namespace(name=given.need("name", TEXT), description=given.text("description"), rest=given.rest())
            for tool in inner:
                yield from _member(tool, group, hosted)
        case _:
            hosted.append(given.whole({"type": kind}))


def _member(given: Fields, group: Namespace, hosted: Hosted) -> Iterator[Tool]:
    kind = given.need("type", TEXT)
    if kind in NAMED:
        yield _tool(kind, given, group)
        return
    about = {"type": "namespace", "name": group.name, "description": group.description}
    hosted.append(msgspec.Raw(msgspec.json.encode(about | {"tools": [given.whole({"type": kind})]})))


def _tool(kind: str, given: Fields, group: Namespace | None) -> Tool:
    name = given.need("name", TEXT)
    return Tool(
        name=joined(group.name, name) if group is not None else name,
        description=given.text("description"),
        parameters=given.raw("parameters"),
        strict=given.take("strict", TRUTH),
        custom=kind == "custom",
        grammar=_grammar(given) if kind == "custom" else None,
        namespace=group,
        rest=given.rest(),
    )


def _grammar(given: Fields) -> Grammar | None:
    form = given.inner("format")
    if form is None or form.need("type", TEXT) == "text":
        return None
    return Grammar(syntax=form.text("syntax"), definition=form.need("definition", TEXT))


def read_choice(fields: Fields, tools: tuple[Tool, ...]) -> tuple[ToolChoice | None, Object, tuple[str, ...]]:
    """Return how tools are to be chosen, or as written a choice of tools that the vendor runs; and what is unread."""
    raw = fields.raw("tool_choice")
    if raw is None:
        return None, {}, ()
    choice = Fields({"tool_choice": raw}).take("tool_choice", TEXT_OR_OBJECT)
    match choice:
        case "auto" | "none" | "required":
            return ToolChoice(mode=choice), {}, ()
        case str():
            raise wrong_type("tool_choice", "It is auto, none, required, or an object")
        case _:
            asked = Fields(choice or {}, "tool_choice")
    names = _Names(tools)
    match asked.need("type", TEXT):
        case "function" | "custom":
            return ToolChoice(mode="required", names=(names.of(asked),)), {}, asked.unread()
        case "allowed_tools":
            allowed = _allowed(asked, names)
        case _:
            allowed = None
    return (None, {"tool_choice": raw}, ()) if allowed is None else (allowed, {}, asked.unread())


def _allowed(asked: Fields, known: "_Names") -> ToolChoice | None:
    """Return a choice of some tools, None if one of them must be called and none is the client's.

    Where some may be called those of the vendor need no word: if it runs them it is asked as written anyway.
    """
    given = list(asked.each("tools"))
    names = tuple(known.of(tool) for tool in given if tool.text("type") in NAMED)
    required = asked.text("mode") == "required"
    if names and (len(names) == len(given) or not required):
        return ToolChoice(mode="required" if required else "auto", names=names)
    return None if required or not given else ToolChoice(mode="none")


class _Names:
    """The names of tools, and those that they have within their groups."""

    def __init__(self, tools: tuple[Tool, ...]) -> None:
        self._whole = {tool.name for tool in tools}
        self._within: dict[str, list[str]] = {}
        for tool in tools:
            if tool.namespace is not None:
                self._within.setdefault(alone(tool.namespace.name, tool.name), []).append(tool.name)

    def of(self, asked: Fields) -> str:
        """Return the name of a tool as it is outside of its group, which a choice may leave out."""
        name, group = asked.need("name", TEXT), asked.text("namespace")
        if group or name in self._whole:
            return joined(group, name)
        found = self._within.get(name, ())
        return found[0] if len(found) == 1 else name
