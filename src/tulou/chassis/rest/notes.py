"""What routes and refusals say of a request while it is answered, and its entry in the audit trail repeats.

They know what they did; nothing is read out of an answer again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import Scope

from tulou.chassis.cascade import RemovedResource

_NOTES = "tulou.notes"


@dataclass(slots=True)
class Notes:
    """Of one request; empty where nobody has said anything."""

    made: str = ""
    """The id of what was made, such as a key's."""
    along: Sequence[RemovedResource] = ()
    """What went or came with it: each thing gets an entry of its own, if the request succeeds."""
    session: str = ""
    """The secret of the session that the answer opens."""
    code: str = ""
    """The code of the error that it was refused with, and its words."""
    why: str = ""


def notes_of(scope: Scope) -> Notes:
    """Return the notes of a request, which are the same for all who are asked with it."""
    notes: Notes = scope.setdefault("state", {}).setdefault(_NOTES, Notes())
    return notes


def note_made(request: Request, made: str) -> None:
    """Say what a request made, by its id."""
    notes_of(request.scope).made = made


def take_along(request: Request, things: Sequence[RemovedResource]) -> None:
    """Say what goes with what a request asks for."""
    notes_of(request.scope).along = things


def note_session(request: Request, secret: str) -> None:
    """Say that the answer to a request opens a session."""
    notes_of(request.scope).session = secret
