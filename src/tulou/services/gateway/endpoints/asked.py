"""What all requests have in common."""

import msgspec

from tulou.services.gateway.stack.forcing import ForcedTools

PREFIX_CHARACTERS = 1024

Text = str | list[str | int | list[int]]
Anything = dict[str, msgspec.Raw]


class StreamOptions(msgspec.Struct):
    """How a stream is to be written."""

    include_usage: bool | None = None


class EndpointRequest(msgspec.Struct, kw_only=True):
    """What all endpoints have in common."""

    model: str
    user: str | None = None

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return False

    @property
    def has_options(self) -> bool:
        """Whether the body has a field `stream_options`."""
        return False

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for token counts in its stream."""
        return False

    @property
    def allowed(self) -> int | None:
        """How many tokens of output are allowed for an answer; None if the request does not say."""
        return None

    @property
    def custom_tools(self) -> bool:
        """Whether some of its tools take a text as it is, in chat completions, where few vendors know them."""
        return False

    @property
    def answers(self) -> int:
        """How many answers are wanted."""
        return 1

    @property
    def turns(self) -> int:
        """How many messages the request brings."""
        return 0

    @property
    def forced(self) -> ForcedTools | None:
        """The tools that are named to be used; raise `InvalidError` for one that the request does not bring."""
        return None

    def check(self, body: bytes) -> None:
        """Raise `WrongTypeError` for what cannot be, although each field can; the body is as it came."""

    def affinity(self, hash_by: str) -> str:
        """Return what keeps related requests together, nothing when the request does not say."""
        if hash_by == "prefix":
            return self.prefix()[:PREFIX_CHARACTERS]
        return self.user or "" if hash_by == "user" else ""

    def prefix(self) -> str:
        """Return how the prompt begins."""
        return ""


class GenerationBody(EndpointRequest, kw_only=True):
    """What the two endpoints that generate text have in common; ranges are the engine's to check."""

    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    n: int | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return self.stream is True

    @property
    def allowed(self) -> int | None:
        """How many tokens of output are allowed for an answer; None if the request does not say."""
        return most(self.max_tokens)

    @property
    def answers(self) -> int:
        """How many answers are wanted."""
        return max(1, self.n or 1)

    @property
    def has_options(self) -> bool:
        """Whether the body has a field `stream_options`."""
        return self.stream_options is not None

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for token counts in its stream."""
        return self.stream_options is not None and self.stream_options.include_usage is True


def most(one: int | None, other: int | None = None) -> int | None:
    """Return the larger of what was said; None if nothing was that can be meant."""
    said = one if other is None or (one is not None and one > other) else other
    return said if said is not None and said >= 0 else None
