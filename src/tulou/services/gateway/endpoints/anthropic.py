"""Anthropic's request bodies."""

import msgspec

from tulou.services.gateway.endpoints.asked import Anything, Asked, most


class Metadata(msgspec.Struct):
    """Who asks on the client's side."""

    user_id: str | None = None


class Turn(msgspec.Struct):
    """One turn of a conversation; blocks are the dialect's to read."""

    role: str
    content: str | list[Anything]


class CountTokens(Asked, kw_only=True):
    """POST /v1/messages/count_tokens."""

    messages: list[Turn]
    system: str | list[Anything] | None = None
    tools: list[Anything] | None = None
    tool_choice: Anything | None = None
    thinking: Anything | None = None
    metadata: Metadata | None = None

    @property
    def turns(self) -> int:
        """How many messages the request brings."""
        return len(self.messages)

    def affinity(self, hash_by: str) -> str:
        """Return what keeps related requests together."""
        if hash_by == "user":
            return (self.metadata and self.metadata.user_id) or ""
        return super().affinity(hash_by)

    def prefix(self) -> str:
        """Return how the conversation begins."""
        return f"{self.system}\n" + "\n".join(f"{turn.role}:{turn.content}" for turn in self.messages[:4])


class Messages(CountTokens, kw_only=True):
    """POST /v1/messages."""

    max_tokens: int
    stream: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None

    @property
    def allowed(self) -> int | None:
        """How many tokens of output are allowed for an answer."""
        return most(self.max_tokens)

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return self.stream is True
