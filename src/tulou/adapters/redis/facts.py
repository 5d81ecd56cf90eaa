"""How a fact is written into an entry of a stream, also by the version before actors.

A relay of that version cannot say who caused a fact, and goes on beside newer processes through a rolling restart:
where the field is absent the house did. Where nobody is stated, or somebody that only a newer version knows, nobody
did.
"""

import msgspec

from tulou.kernel.context import Actor, HouseActor
from tulou.ports.events import Fact

OLDER = "caused in a process of an older version"


class _Written(msgspec.Struct):
    id: str
    topic: str
    at: float
    tenant: str = ""
    body: str = "{}"
    actor: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def written(fact: Fact) -> bytes:
    """Return what an entry holds as its `fact`; the actor is always among it."""
    return msgspec.json.encode(fact)


def fact_in(fields: dict[bytes, bytes]) -> Fact | None:
    """Return the fact of an entry, None for an entry that is none."""
    try:
        read = msgspec.json.decode(fields.get(b"fact", b""), type=_Written)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return Fact(id=read.id, topic=read.topic, at=read.at, tenant=read.tenant, body=read.body, actor=_actor(read.actor))


def _actor(said: msgspec.Raw | msgspec.UnsetType) -> Actor | None:
    if isinstance(said, msgspec.UnsetType):
        return HouseActor(reason=OLDER)
    try:
        return msgspec.json.decode(said, type=Actor | None)
    except msgspec.MsgspecError:
        return None
