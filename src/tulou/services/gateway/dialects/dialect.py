"""What a dialect has to do: at the client's side read requests and write answers, at the upstream's the reverse."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

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


class ErrorWriter(Protocol):
    """Writes a refusal."""

    def __call__(self, *, status: int, message: str, code: str, param: str | None, request_id: str) -> bytes:
        """Return its body."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDialect:
    """A dialect that clients may speak to the gate."""

    id_prefix: str
    """How the ids of its answers begin."""
    read_request: Callable[[bytes], Prompt]
    """Returns what is asked; raises `MalformedError`, or `WrongTypeError` naming the field."""
    write_answer: Callable[[Iterable[Event], Echo], bytes]
    """Returns a whole answer; raises `UpstreamError` when it failed and the dialect has no answer that says so."""
    writer: Callable[[Echo], EventWriter]
    """Returns what writes one stream."""
    write_error: ErrorWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamDialect:
    """A dialect that the gate may speak to an engine or a vendor."""

    whole_path: str
    """The path after the base URL, with `{model}` where it belongs."""
    stream_path: str = ""
    """That of a stream, where it is another one."""
    write_request: Callable[[Prompt, Ability], Written]
    """Returns the request; raises `InvalidError` for what the upstream cannot do and may not be dropped."""
    read_answer: Callable[[bytes], Sequence[Event]]
    """Returns a whole answer; raises `ValueError` if it is none."""
    reader: Callable[[], EventReader]
    """Returns what reads one stream."""
    read_error: Callable[[int, bytes], tuple[str, str, str | None]]
    """Returns message, code and param of a refusal by its status and body; never raises."""

    def path(self, *, stream: bool) -> str:
        """Return the path after the base URL."""
        return (stream and self.stream_path) or self.whole_path
