"""Gathers what an upstream cannot honour while a request is written for it: refused, or dropped and told."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.services.gateway.dialects.dialect import Ability, Dropped
from tulou.services.gateway.dialects.prompt import Cached, Fields, Opaque, Prompt

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
    """What of one request goes to one upstream. `kin` are the extra fields that the two families have in common."""

    def __init__(self, prompt: Prompt, ability: Ability, *, family: str, kin: frozenset[str] = frozenset()) -> None:
        self.prompt = prompt
        self.ability = ability
        self.native = prompt.family == family
        self._family = family
        self._kin = kin
        self._dropped: dict[str, Dropped] = {}
        for place in prompt.unread:
            self.drop(place, "nobody knows what it asks")

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

    def mark(self, cached: Cached | None, place: str) -> Json:
        """Return the mark of what may be cached, for upstreams that keep theirs in the same field."""
        if cached is None:
            return {}
        if self.native:
            return {"cache_control": cached.raw}
        self.drop(f"{place}.cache_control", "the upstream caches what it likes")
        return {}

    def opaque(self, part: Opaque) -> msgspec.Raw:
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

    def hosted(self) -> tuple[msgspec.Raw, ...]:
        """Return the tools that the vendor runs itself; raise `InvalidError` for those of another vendor."""
        if self.prompt.hosted and not self.native:
            raise self.refuse("tools", f"cannot run tools that are hosted by the vendor of {self.prompt.family}")
        return self.prompt.hosted
