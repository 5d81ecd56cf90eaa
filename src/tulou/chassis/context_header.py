"""How a context travels between processes: the `x-tulou-context` header, also to and from the version before actors.

A process of that version knows who acts by `tenant`, `principal`, `key` and `session`, and takes nobody for the house;
so these are written too, and for an anonymous actor a principal that there cannot be. What such a process sends has no
`actor`. It has brought the house's token: somebody it names acts, and where it names nobody it is the house that asks.
"""

import json
from dataclasses import replace

import msgspec

from tulou.kernel.context import NOBODY, Actor, AnonymousActor, Context, HouseActor, KeyActor, SessionActor
from tulou.kernel.message import message

STRANGER = "~anonymous"
"""A principal that nobody can be: names begin with a letter or a digit."""
OLDER = "asked by a process of an older version"


@message
class _Former:
    """What the version before actors wrote of who acts; it wrote all of these, whatever they were."""

    house: bool
    tenant: str
    principal: str
    key: str
    session: str


class _Shape(msgspec.Struct):
    actor: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def written(context: Context) -> str:
    """Return a context as JSON that a header can hold: a reason may be written in any letters."""
    known: dict[str, object] = msgspec.to_builtins(context)
    principal = STRANGER if isinstance(context.actor, AnonymousActor) else context.principal
    known |= {"tenant": context.tenant, "principal": principal, "key": context.key, "session": context.session}
    return json.dumps(known, separators=(",", ":"))


def read(header: str | None) -> Context:
    """Return the context that came with a call; where none did, nobody asks. Raise `msgspec.MsgspecError`."""
    if not header:
        return NOBODY
    context = msgspec.json.decode(header, type=Context)
    if msgspec.json.decode(header, type=_Shape).actor is not msgspec.UNSET:
        return context
    try:
        former = msgspec.json.decode(header, type=_Former)
    except msgspec.ValidationError:  # nothing that any version of us has written
        return context
    return replace(context, actor=_acted(former))


def _acted(former: _Former) -> Actor:
    if former.session:
        return SessionActor(tenant=former.tenant, principal=former.principal, id=former.session)
    if former.principal or former.tenant:
        return KeyActor(tenant=former.tenant, principal=former.principal, id=former.key)
    return HouseActor(reason=OLDER)
