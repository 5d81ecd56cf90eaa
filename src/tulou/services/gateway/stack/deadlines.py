"""How long an attempt may take: as its route says, in what an entry does not say otherwise."""

from dataclasses import fields, replace

from tulou.contracts.discovery.entry import CallDeadlines
from tulou.contracts.routing.messages import Deadlines


def to_the_end(deadlines: Deadlines) -> Deadlines:
    """Return the deadlines of a whole answer: its first byte is its last, though some servers send the head early."""
    return replace(deadlines, first_byte_s=deadlines.total_s, idle_s=deadlines.total_s)


def instead(deadlines: Deadlines, own: CallDeadlines | None) -> Deadlines:
    """Return a route's deadlines, with those that an entry has of its own in their place."""
    if own is None:
        return deadlines
    said = {one.name: seconds for one in fields(own) if (seconds := getattr(own, one.name)) is not None}
    return replace(deadlines, **said)
