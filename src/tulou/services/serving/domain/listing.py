"""What a vendor lists as its models, read with suspicion: a bounded number of names of a bounded length."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import cast

import msgspec

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.contracts.upstreams.messages import Provider
from tulou.rules.routing.patterns import fit, is_name
from tulou.services.serving.domain.outside import models_of

MODELS_CAP = 1_000
"""Models of one entry that are listed: OpenRouter, which has most, lists some 400."""

_WHOLE: Mapping[UpstreamDialect, str] = MappingProxyType({"anthropic": "limit=1000", "gemini": "pageSize=1000"})
"""What asks the vendors for all models at once that list them in pages."""

_WRITING = frozenset({"generateContent", "streamGenerateContent", "embedContent"})
"""What Gemini says of models that answer at one of our endpoints."""


def list_url(provider: Provider) -> str:
    """Return where a vendor lists its models; empty where nobody can ask it for nothing."""
    url = models_of(provider)
    more = _WHOLE.get(provider.dialect, "")
    if not url or not more:
        return url
    return f"{url}{'&' if '?' in url else '?'}{more}"


def listed(body: bytes, pattern: str) -> tuple[str, ...]:
    """Return the names of an answer that fit a pattern, in the vendor's order; nothing of what is no list of models."""
    try:
        said: object = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    names = (name for name in _names(said) if is_name(name) and fit(pattern, name) is not None)
    return tuple(dict.fromkeys(names))[:MODELS_CAP]


def _names(said: object) -> Iterator[str]:
    """Yield the names in a list, or in an object's `data` or `models`, as nearly all vendors have it."""
    if isinstance(said, dict):
        fields = cast("dict[str, object]", said)
        said = fields.get("data", fields.get("models"))
    if not isinstance(said, list):
        return
    for item in cast("list[object]", said):
        if isinstance(item, dict):
            fields = cast("dict[str, object]", item)
            name, does = fields.get("id", fields.get("name")), fields.get("supportedGenerationMethods")
            able = not isinstance(does, list) or not _WRITING.isdisjoint(map(str, cast("list[object]", does)))
            if isinstance(name, str) and able:
                yield name.removeprefix("models/")
