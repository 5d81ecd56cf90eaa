"""Tools for upstreams that know functions alone: no custom ones, no groups of tools with names of their own."""

import msgspec

from tulou.services.gateway.dialects.custom_input import PARAMETERS
from tulou.services.gateway.dialects.prompt import Grammar, Namespace, Prompt, Tool

JOINT = "__"
"""Between the name of a group and that of a tool in it; the servers of the Model Context Protocol are named so."""


def joined(namespace: str, name: str) -> str:
    """Return the name of a tool outside of its group."""
    return f"{namespace.rstrip('_')}{JOINT}{name}" if namespace else name


def alone(namespace: str, name: str) -> str:
    """Return the name that a tool has within its group."""
    return name.removeprefix(joined(namespace, "")) if namespace else name


def is_plain(prompt: Prompt) -> bool:
    """Say whether all tools are functions that belong to no group."""
    return all(tool.grammar is None and not tool.custom and tool.namespace is None for tool in prompt.tools)


def functions_of(prompt: Prompt) -> tuple[Tool, ...]:
    """Return the tools as functions; what is said of a group stands with its first tool."""
    described: set[str] = set()
    tools: list[Tool] = []
    for tool in prompt.tools:
        group = tool.namespace
        words = [_about(group)] if group is not None and group.name not in described else []
        described |= {group.name} if group is not None else set()
        words += [tool.description, *_form(tool.grammar)]
        tools.append(
            msgspec.structs.replace(
                tool,
                description="\n\n".join(word for word in words if word),
                parameters=PARAMETERS if tool.custom else tool.parameters,
                custom=False,
                grammar=None,
                namespace=None,
            )
        )
    return tuple(tools)


def _about(group: Namespace) -> str:
    return f"About all tools of {group.name}: {group.description}" if group.description else ""


def _form(grammar: Grammar | None) -> list[str]:
    if grammar is None:
        return []
    return [f"The input must be of this grammar ({grammar.syntax}):\n{grammar.definition}"]
