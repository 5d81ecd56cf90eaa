"""What a dialect has to do: at the client's side read requests and write answers, at the upstream's the reverse."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

import msgspec

from tulou.services.gateway.dialects.events import Event
from tulou.services.gateway.dialects.prompt import Prompt

DEFAULT_CAP = 4096
"""Tokens of output that are allowed where a dialect demands a cap, and neither client nor model has one."""


class Ability(msgspec.Struct, frozen=True, kw_only=True):
    """What an upstream can, as far as that is known: empty `capabilities` mean that nothing is known to be missing.

    `model` is the name there; `max_tokens_field` what a vendor of the dialect `openai` calls the cap on output;
    `max_tokens` is sent where the dialect demands one and the client gave none; `named_tools` says that a tool choice
    which names its tools is understood, `custom_tools` that those which take a text are known in the dialect `openai`.
    `thoughts_field` is where an upstream of the dialect `openai` takes earlier reasoning back in; with an empty one it
    is dropped. `developer_role` says that messages of the role `developer` are taken.
    """

    model: str
    capabilities: frozenset[str] = frozenset()
    max_tokens_field: str = "max_tokens"
    max_tokens: int = DEFAULT_CAP
    named_tools: bool = True
    custom_tools: bool = True
    thoughts_field: str = "reasoning_content"
    developer_role: bool = True


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the request that the upstream cannot honour, and why; reported in `x-tulou-dropped` and the log."""

    field: str
    why: str


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A request in the upstream's dialect."""

    body: bytes
    dropped: tuple[Dropped, ...] = ()


class Echo(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer repeats of its request: the model as the client named it, the answer's own id, the time.

    `previous` is the id of the answer that this one goes on from, for the dialect that knows such.
    """

    id: str
    model: str
    created: int
    prompt: Prompt
    previous: str = ""


class EventReader(Protocol):
    """Reads an upstream's stream. Frames may be cut anywhere."""

    def feed(self, data: bytes) -> Sequence[Event]:
        """Return the events that are complete now; raise `ValueError` for what the dialect does not allow."""
        ...

    def end(self) -> Sequence[Event]:
        """Return what is left when the stream ends; a `Failed` if it ended too early."""
        ...


class EventWriter(Protocol):
    """Writes a client's stream."""

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the bytes for these events, whole frames only."""
        ...

    def end(self) -> bytes:
        """Return the frames that end the stream."""
        ...


class ClientDialect(Protocol):
    """A dialect that clients may speak to the gate; `id_prefix` is how the ids of its answers begin."""

    id_prefix: ClassVar[str]

    def read_request(self, body: bytes) -> Prompt:
        """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
        ...

    def write_answer(self, events: Iterable[Event], echo: Echo) -> bytes:
        """Return a whole answer; raise `UpstreamError` when it failed and the dialect has no answer that says so."""
        ...

    def writer(self, echo: Echo) -> EventWriter:
        """Return what writes one stream."""
        ...

    def write_error(self, *, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
        """Return the body of a refusal."""
        ...


class UpstreamDialect(Protocol):
    """A dialect that the gate may speak to an engine or a vendor."""

    def path(self, *, stream: bool) -> str:
        """Return the path after the base URL, with `{model}` where it belongs."""
        ...

    def write_request(self, prompt: Prompt, ability: Ability) -> Written:
        """Return the request; raise `InvalidError` for what the upstream cannot do and may not be dropped."""
        ...

    def read_answer(self, body: bytes) -> Sequence[Event]:
        """Return a whole answer; raise `ValueError` if it is none."""
        ...

    def reader(self) -> EventReader:
        """Return what reads one stream."""
        ...

    def read_error(self, status: int, body: bytes) -> tuple[str, str, str | None]:
        """Return message, code and param of a refusal; never raise."""
        ...
