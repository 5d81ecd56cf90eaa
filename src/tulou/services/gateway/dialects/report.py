"""Gathers what an upstream cannot honour while a request is written for it: refused, or dropped and told."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.dialect import Ability, Dropped
from tulou.services.gateway.dialects.hosted import hosted_tools, is_forced, left_behind, without_runs
from tulou.services.gateway.dialects.prompt import CacheMark, Fields, OpaqueInput, Prompt
from tulou.services.gateway.dialects.toolbox import functions_of, is_plain

Json = dict[str, object]
CALLED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "anthropic": {
            "stop": "stop_sequences",
            "user": "metadata.user_id",
            "reasoning": "thinking",
            "response_format": "output_config.format",
            "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
        },
        "openai": {"reasoning": "reasoning_effort"},
        "responses": {
            "verbosity": "text.verbosity",
            "response_format": "text.format",
            "response_format.json_object": "text.format",
            "logprobs": "top_logprobs",
        },
    }
)
"""What clients call a field that has another name in chat completions."""

NAMES = frozenset({"id", "status", "type", "object"})
"""What names a thing and wishes for nothing: left out without a word where it has no place."""


class Report:
    """What of one request goes to one upstream. `kin` are the extra fields that the two families have in common.

    `prompt` is what can be said there: where only functions are known (`functions`) all tools are such.
    """

    def __init__(
        self,
        prompt: Prompt,
        ability: Ability,
        *,
        family: str,
        kin: frozenset[str] = frozenset(),
        functions: bool = True,
    ) -> None:
        self.prompt = prompt
        self.ability = ability
        self.native = prompt.family == family
        self.functions = functions
        self._family = family
        self._kin = kin
        self._dropped: dict[str, Dropped] = {}
        for place in prompt.unread:
            self.drop(place, "nobody knows what it asks")
        if functions and not is_plain(prompt):
            prompt = self._with_functions(prompt)
            self.prompt = prompt
        if not self.native:
            self.prompt = self._without_hosted(prompt)

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What was dropped, each field once."""
        return tuple(self._dropped.values())

    def drop(self, field: str, why: str) -> None:
        """Tell that a field has no effect; the last reason holds."""
        field = self._called(field)
        self._dropped[field] = Dropped(field=field, why=why)

    def _called(self, field: str) -> str:
        """Return what the client calls a field."""
        return CALLED.get(self.prompt.family, {}).get(field, field)

    def refuse(self, field: str, why: str) -> InvalidError:
        """Return the error for a field without which the answer would be wrong."""
        field = self._called(field)
        return InvalidError(f"{field}: {self.ability.model} {why}", param=field)

    def lacks(self, capability: str) -> bool:
        """Say whether the upstream is known not to have a capability."""
        return bool(self.ability.capabilities) and capability not in self.ability.capabilities

    def need(self, capability: str, field: str, what: str) -> None:
        """Raise `InvalidError` when the upstream is known to lack what the answer would be wrong without."""
        if self.lacks(capability):
            raise self.refuse(field, f"takes no {what}; choose a model that does, or leave it out")

    def rest(self, place: str, fields: Fields) -> Json:
        """Return the fields of a part that go along: all to the same family, none to another, which is told."""
        if self.native or not fields:
            return dict(fields)
        for name in fields.keys() - NAMES:
            self.drop(f"{place}.{name}", f"no place for it in the dialect {self._family}")
        return {}

    def mark(self, cached: CacheMark | None, place: str) -> Json:
        """Return the mark of what may be cached, for upstreams that keep theirs in the same field."""
        if cached is None:
            return {}
        if self.native:
            return {"cache_control": cached.raw}
        self.drop(f"{place}.cache_control", "the upstream caches what it likes")
        return {}

    def opaque(self, part: OpaqueInput) -> msgspec.Raw:
        """Return a part as it was written; raise `InvalidError` for one of another family."""
        if self.native:
            return part.raw
        raise self.refuse("messages", f"does not understand parts of the kind {part.kind!r}; leave them out")

    def extra(self) -> dict[str, msgspec.Raw]:
        """Return the extra fields that go along; raise `InvalidError` for an essential one that cannot."""
        prompt = self.prompt
        if self.native:
            return dict(prompt.extra)
        for name in prompt.extra.keys() - self._kin - prompt.settled:
            if name in prompt.essential:
                raise self.refuse(name, f"cannot be asked for this; it is known to the dialect {prompt.family} alone")
            self.drop(name, f"no place for it in the dialect {self._family}")
        return {name: raw for name, raw in prompt.extra.items() if name in self._kin}

    def _with_functions(self, prompt: Prompt) -> Prompt:
        if any(tool.grammar is not None for tool in prompt.tools):
            self.drop("tools.format", "the upstream is told of the grammar, but not held to it")
        groups = {id(tool.namespace): tool.namespace for tool in prompt.tools if tool.namespace is not None}
        for group in groups.values():
            self.rest("tools", group.rest)
        functions = functions_of(prompt)
        twice = [name for name, times in Counter(tool.name for tool in functions).items() if times > 1]
        if twice:
            raise self.refuse("tools", f"takes each name once, and {twice[0]!r} is there twice; rename one of them")
        return msgspec.structs.replace(prompt, tools=functions)

    def _without_hosted(self, prompt: Prompt) -> Prompt:
        """Leave out what another vendor runs itself, and tell it; raise `InvalidError` if it must be used."""
        hosted = hosted_tools(prompt)
        if is_forced(prompt, hosted):
            kinds = ", ".join(tool.type for tool in hosted)
            words = f"cannot run tools that are hosted by the vendor of {prompt.family} ({kinds}), and one must be used"
            raise self.refuse("tool_choice", words)
        for tool in hosted:
            self.drop(f"tools.{tool.type}", f"only the vendor of {prompt.family} runs it")
        runs = left_behind(prompt)
        for kind in runs:
            self.drop(f"messages.{kind.removeprefix('item ')}", f"only the vendor of {prompt.family} goes on with it")
        turns = without_runs(prompt.turns) if runs else prompt.turns
        return msgspec.structs.replace(prompt, hosted=(), turns=turns) if hosted or runs else prompt
