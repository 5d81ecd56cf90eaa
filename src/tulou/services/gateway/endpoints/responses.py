"""The request body of OpenAI's responses."""

from typing import Annotated

import msgspec

from tulou.services.gateway.endpoints.asked import Anything, Asked, most


class Responding(Asked, kw_only=True):
    """POST /v1/responses."""

    input: str | list[Anything] = ""
    instructions: str | None = None
    stream: bool | None = None
    store: bool | None = None
    background: bool | None = None
    previous_response_id: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    conversation: str | Anything | None = None
    prompt_cache_key: str | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[Anything] | None = None
    tool_choice: str | Anything | None = None

    @property
    def allowed(self) -> int | None:
        """How many tokens of output are allowed for an answer; None if the request does not say."""
        return most(self.max_output_tokens)

    @property
    def streams(self) -> bool:
        """Whether the answer is to come as a stream."""
        return self.stream is True

    @property
    def turns(self) -> int:
        """How many messages the request brings."""
        return len(self.input) if isinstance(self.input, list) else 1

    @property
    def kept(self) -> bool:
        """Whether the answer is to be kept: it is unless the request says no."""
        return self.store is not False

    def affinity(self, hash_by: str) -> str:
        """Return what keeps related requests together."""
        if hash_by == "user":
            return self.user or self.prompt_cache_key or ""
        return super().affinity(hash_by)

    def prefix(self) -> str:
        """Return how the conversation begins."""
        return (
            self.input
            if isinstance(self.input, str)
            else "".join(str(bytes(item.get("content", b""))) for item in self.input[:4])
        )
