"""All oddities by name; `good` is none, and shows what all others are held against."""

from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from tests.integration.vendors.oddities.answer import Good, answer
from tests.integration.vendors.oddities.framing import encodings, lengths, statuses
from tests.integration.vendors.oddities.oddity import Oddity
from tests.integration.vendors.oddities.order import frames_of_bytes, frames_of_text, orders
from tests.integration.vendors.oddities.shapes import counts, shapes

GOOD = Oddity("good", "status", lambda good: answer(good.body, good.kind), "answered")


def _all() -> Mapping[str, Oddity]:
    found: dict[str, Oddity] = {}
    every = chain(statuses(), encodings(), lengths(), shapes(), counts(), orders(), frames_of_text(), frames_of_bytes())
    for oddity in (GOOD, *every):
        assert oddity.name not in found, oddity.name
        found[oddity.name] = oddity
    return MappingProxyType(found)


ODDITIES = _all()


def fitting_to(good: Good) -> Sequence[Oddity]:
    """Return what can be odd about an answer, and `good`; what is odd for one dialect may be usual in another."""
    usual = GOOD.make(good)
    fitting = [oddity for oddity in ODDITIES.values() if oddity.fits(good)]
    return [oddity for oddity in fitting if oddity is GOOD or oddity.make(good) != usual]
