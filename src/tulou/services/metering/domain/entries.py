"""Which entries a ledger can hold, and what they count as."""

import math
from collections.abc import Callable
from operator import attrgetter

import msgspec

from tulou.contracts.metering.messages import Entry, Units
from tulou.rules.metering.findings import OWN

SKEW_S = 86_400.0
"""How far ahead of ours a gateway's clock may be."""

EARLIEST = 1_577_836_800.0
"""2020: nothing was used before there was anything to use."""

UNITS_CAP = 2**31 - 1
COST_CAP = 10**15
TEXT_CAPS = {
    "id": 64,
    "tenant": 64,
    "project": 64,
    "principal": 128,
    "key": 64,
    "endpoint": 40,
    "model": 200,
    "served_by": 200,
    "provider": 64,
    "request_id": 200,
    "deployment": 200,
    "replica": 200,
    "code": 100,
    "refused_by": 200,
    "upstream_model": 200,
}
TAGS_CAP = 16
TAG_CAP = 200
_texts: Callable[[Entry], tuple[str, ...]] = attrgetter(*TEXT_CAPS)
_counts: Callable[[Units], tuple[int, ...]] = attrgetter(*Units.__dataclass_fields__)

STATUSES = (100, 599)
FAILED_FROM = 400
DENIED = (401, 403)
UNKNOWN_STATUS = 404
UNKNOWN = "unknown"
_decode = msgspec.json.Decoder(Entry).decode


def read(body: bytes, *, now: float) -> Entry | str:
    """Return what came as an entry, or why no ledger can hold it."""
    try:
        entry = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return f"it is no entry: {error}"
    return why_absurd(entry, now=now) or entry


def why_absurd(entry: Entry, *, now: float) -> str:
    """Return why no ledger can hold an entry; empty if it can."""
    if not entry.id:
        return "it has no id"
    if not (math.isfinite(entry.at) and EARLIEST <= entry.at <= now + SKEW_S):
        return f"its time {entry.at} cannot be"
    if not STATUSES[0] <= entry.status <= STATUSES[1]:
        return f"its status {entry.status} is none"
    if not 0 <= entry.cost <= COST_CAP or not 0 <= entry.price <= UNITS_CAP:
        return f"its cost {entry.cost} by price {entry.price} cannot be"
    return _why_absurd_units(entry.units) or _why_absurd_times(entry) or _why_absurd_texts(entry)


def is_denied(entry: Entry) -> bool:
    """Say whether a request was refused by the house itself, rather than by what was to serve it."""
    return bool(entry.refused_by) or (entry.status in DENIED and not entry.replica)


def is_unpriced(entry: Entry) -> bool:
    """Say whether a vendor did what nothing prices; the house's own models may cost nothing.

    Entries from before it was noted whose own a model is say so by their provider alone.
    """
    own = entry.provider == OWN if entry.own is None else entry.own
    return entry.priced_by == "none" and not own


def is_failed(entry: Entry) -> bool:
    """Say whether a request that was let in ended badly, or was left by its client."""
    return entry.status >= FAILED_FROM and not is_denied(entry)


def model_of(entry: Entry) -> str:
    """Return the model that sums are kept for: names that clients made up must not become rows of their own."""
    return UNKNOWN if entry.status == UNKNOWN_STATUS and not entry.served_by else entry.model


def _why_absurd_units(units: Units) -> str:
    counts = _counts(units)
    if min(counts) >= 0 and max(counts) <= UNITS_CAP:
        return ""
    return f"its units {units} cannot be"


def _why_absurd_times(entry: Entry) -> str:
    if not 0 <= entry.attempt <= UNITS_CAP:
        return f"its attempt {entry.attempt} is none"
    durations = (entry.took_ms, entry.first_token_ms or 0.0)
    return "" if all(math.isfinite(took) for took in durations) else "it took no time that can be"


def _why_absurd_texts(entry: Entry) -> str:
    texts = _texts(entry)
    for name, text, cap in zip(TEXT_CAPS, texts, TEXT_CAPS.values(), strict=True):
        if len(text) > cap:
            return f"its {name} is longer than {cap} characters"
    if not _is_text("".join(texts), sum(TEXT_CAPS.values())):
        return "one of its texts is none"
    if len(entry.tags) > TAGS_CAP or not all(_is_text(word, TAG_CAP) for tag in entry.tags for word in tag):
        return f"it has more than {TAGS_CAP} tags, or one that is no text of at most {TAG_CAP} characters"
    return ""


def _is_text(text: str, cap: int) -> bool:
    """Say whether every database can keep a text: PostgreSQL takes no NUL, none takes half a surrogate pair."""
    if len(text) > cap or "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
