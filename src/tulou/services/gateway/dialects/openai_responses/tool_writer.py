"""Writes tools and how they are to be chosen."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from tulou.services.gateway.dialects.prompt import Fields, Grammar, Tool, ToolChoice
from tulou.services.gateway.dialects.toolbox import alone

Json = dict[str, object]
Rest = Callable[[str, Fields], Json]


def as_written(place: str, fields: Fields) -> Json:
    """Return all fields that have no place in a prompt, as an answer repeats them."""
    del place
    return dict(fields)


def tools_of(tools: Sequence[Tool], rest: Rest) -> Iterator[object]:
    """Yield the tools, those of a group as one; `rest` says which of the fields without a place go along."""
    for group, members in groupby(tools, lambda tool: tool.namespace):
        written = [_tool_of(tool) | rest("tools", tool.rest) for tool in members]
        if group is None:
            yield from written
            continue
        about: Json = {"type": "namespace", "name": group.name, "description": group.description}
        yield about | rest("tools", group.rest) | {"tools": written}


def choice_of(choice: ToolChoice, tools: Sequence[Tool]) -> object:
    """Return how tools are to be chosen."""
    if not choice.names:
        return choice.mode
    by_name = {tool.name: tool for tool in tools}
    named = [_named(name, by_name.get(name)) for name in choice.names]
    if choice.mode == "required" and len(named) == 1:
        return named[0]
    return {"type": "allowed_tools", "mode": choice.mode, "tools": named}


def _named(name: str, tool: Tool | None) -> Json:
    named: Json = {"type": "custom" if tool is not None and tool.custom else "function", "name": name}
    if tool is not None and tool.namespace is not None:
        named |= {"name": alone(tool.namespace.name, name), "namespace": tool.namespace.name}
    return named


def _tool_of(tool: Tool) -> Json:
    """Return a tool; `strict` of a function is said always, since the default here is another than elsewhere."""
    name = alone(tool.namespace.name, tool.name) if tool.namespace is not None else tool.name
    written: Json = {"type": "custom" if tool.custom else "function", "name": name}
    if tool.description:
        written["description"] = tool.description
    if not tool.custom:
        return written | {"parameters": tool.parameters, "strict": tool.strict is True}
    return written | ({"format": _format(tool.grammar)} if tool.grammar is not None else {})


def _format(grammar: Grammar) -> Json:
    return {"type": "grammar", "syntax": grammar.syntax, "definition": grammar.definition}
