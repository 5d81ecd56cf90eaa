"""What an import says of itself: notes by kind with counts and places, which variables to set, and how much came in."""

from collections.abc import Iterator, Mapping, Sequence

from tulou.cli.litellm.notes import LOST, TITLES, RepeatedNote, findings
from tulou.cli.litellm.translation import TranslatedHouse


def lines(found: TranslatedHouse) -> Iterator[str]:
    """Yield the report for people; its last line says how many models came in."""
    by_kind = _by_kind(found)
    for kind, some in by_kind.items():
        places = sum(len(finding.places) for finding in some)
        count = f"{len(some)}" if places == len(some) else f"{len(some)} at {places} places"
        yield f"{TITLES[kind]} ({count}):"
        yield from (f"  ! {finding}" for finding in some)
    if found.missing:
        yield f"set these, and import again, so that nothing is lost for want of them: {', '.join(found.missing)}"
    if found.unset:
        yield f"set these where the house is started: {', '.join(found.unset)}"
    if not found.listed:
        yield "the file lists no models; those in LiteLLM's database come with --from-proxy URL"
    yield f"imported {found.imported} of {found.listed} models"


def table(found: TranslatedHouse) -> Mapping[str, object]:
    """Return the document and the report for programs."""
    return {
        "document": found.document,
        "report": {
            kind: [{"setting": one.setting, "words": one.words, "places": list(one.places)} for one in some]
            for kind, some in _by_kind(found).items()
        },
        "set_to_import": list(found.missing),
        "set_to_start": list(found.unset),
        "imported": found.imported,
        "listed": found.listed,
    }


def succeeded(found: TranslatedHouse, *, strict: bool) -> bool:
    """Say whether something came in, and if `strict` everything."""
    lost = found.imported < found.listed or any(note.kind in LOST for note in found.notes)
    return found.imported > 0 and not (strict and lost)


def _by_kind(found: TranslatedHouse) -> Mapping[str, Sequence[RepeatedNote]]:
    grouped: dict[str, list[RepeatedNote]] = {}
    for finding in findings(found.notes):
        grouped.setdefault(finding.kind, []).append(finding)
    return grouped
