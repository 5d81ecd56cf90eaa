"""Values within values, such as an extra body: variables there are followed as LiteLLM does, and secrets are not."""

from collections.abc import Iterator, Mapping
from typing import cast

from tulou.cli.litellm.headers import may_be_secret
from tulou.cli.litellm.section import Section
from tulou.cli.litellm.variables import REFERENCE

SWITCHES: Mapping[str, bool] = {"true": True, "false": False}
"""What LiteLLM's proxy takes for a switch, wherever a variable stands (`str_to_bool`)."""

MOST = 10_000
"""Parts of a value."""
DEEPEST = 64


def taken(section: Section, name: str) -> object:
    """Return a value with the variables within it followed; None for none.

    A note tells of each that is not set here or may be secret, which is left out alone, and of those in lists, which
    LiteLLM sends as they stand there.
    """
    value = section.take(name)
    if _many(value):
        words = f"has more than {MOST} parts, or lies deeper than {DEEPEST}, and was left out"
        section.note(name, words, kind="left_out")
        return None
    return next(_followed(section, name, name, value), None)


def _many(value: object) -> bool:
    """Return whether a value has more parts than anybody writes: in YAML, a part may stand within itself."""
    left, seen = [(value, 0)], 0
    while left:
        part, depth = left.pop()
        seen += 1
        if seen > MOST or depth > DEEPEST:
            return True
        match part:
            case dict():
                left.extend((one, depth + 1) for one in cast("dict[object, object]", part).values())
            case list():
                left.extend((one, depth + 1) for one in cast("list[object]", part))
            case _:
                pass
    return False


def _followed(section: Section, place: str, name: str, value: object) -> Iterator[object]:
    """Yield the value; nothing for one that is left out."""
    match value:
        case dict():
            table = cast("dict[object, object]", value).items()
            yield {key: one for key, item in table for one in _followed(section, f"{place}.{key}", str(key), item)}
        case list():
            items = enumerate(cast("list[object]", value))
            yield [one for number, item in items for one in _listed(section, f"{place}[{number}]", name, item)]
        case str() if value.startswith(REFERENCE):
            yield from _variable(section, place, name, value.removeprefix(REFERENCE))
        case _:
            yield value


def _listed(section: Section, place: str, name: str, value: object) -> Iterator[object]:
    for found in _followed(section, place, name, value):
        if isinstance(value, str) and found != value:
            words = f"LiteLLM sends {value} in a list as that text; its value here is written out, as it was meant"
            section.note(place, words, kind="differs")
        yield found


def _variable(section: Section, place: str, name: str, variable: str) -> Iterator[object]:
    found = section.reading.variables.value(variable)
    if found is None:
        section.note(place, f"{variable} is not set here; it was left out", kind="left_out")
    elif may_be_secret(name, found) or may_be_secret(variable, found):
        section.note(place, "may be secret, and was left out: add it to the upstream as a credential", kind="left_out")
    else:
        yield SWITCHES.get(found.strip().lower(), found)
