"""Words without anything beside them, which most dialects write without a block."""

from collections.abc import Sequence

from tulou.services.gateway.dialects.prompt import Part, TextPart


def plain(parts: Sequence[Part]) -> str | None:
    """Return the words of a lone text that has nothing beside them; None for everything else."""
    match parts:
        case [TextPart(cached=None) as part] if not part.rest:
            return part.text
        case _:
            return None
