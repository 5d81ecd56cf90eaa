"""OpenAI's request bodies."""

import msgspec

from tulou.services.gateway.endpoints.asked import Anything, Asked, Generating, Text, most
from tulou.services.gateway.stack.forcing import Forced, forced


class Message(msgspec.Struct):
    """One turn of a conversation; tool calls and names are the engine's to read."""

    role: str
    content: str | list[Anything] | None = None


class Chat(Generating, kw_only=True):
    """POST /v1/chat/completions."""

    messages: list[Message]
    max_completion_tokens: int | None = None
    tools: list[Anything] | None = None
    tool_choice: str | Anything | None = None
    response_format: Anything | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None

    @property
    def allowed(self) -> int | None:
        """How many tokens of output are allowed for an answer; None if the request does not say."""
        return most(self.max_completion_tokens, self.max_tokens)

    @property
    def turns(self) -> int:
        """How many messages the request brings."""
        return len(self.messages)

    @property
    def forced(self) -> Forced | None:
        """The tools that are named to be used; raise `InvalidError` for one that the request does not bring."""
        return forced(self.tool_choice, self.tools or ()) if isinstance(self.tool_choice, dict) else None

    @property
    def custom_tools(self) -> bool:
        """Whether some of its tools take a text as it is."""
        return bool(self.tools) and any(bytes(tool.get("type", b"")) == b'"custom"' for tool in self.tools or ())

    def prefix(self) -> str:
        """Return how the conversation begins."""
        return "\n".join(f"{turn.role}:{turn.content}" for turn in self.messages[:4])


class Completion(Generating, kw_only=True):
    """POST /v1/completions."""

    prompt: Text
    suffix: str | None = None
    echo: bool | None = None

    @property
    def answers(self) -> int:
        """How many answers are wanted: so many to each prompt."""
        prompt = self.prompt
        alone = isinstance(prompt, str) or not prompt or isinstance(prompt[0], int)
        return super().answers * (1 if alone else len(prompt))

    def prefix(self) -> str:
        """Return how the prompt begins."""
        return self.prompt if isinstance(self.prompt, str) else repr(self.prompt[:1])


class Embeddings(Asked, kw_only=True):
    """POST /v1/embeddings."""

    input: Text
    encoding_format: str | None = None
    dimensions: int | None = None

    def prefix(self) -> str:
        """Return how the first text begins."""
        return self.input if isinstance(self.input, str) else repr(self.input[:1])


class Moderation(Asked, kw_only=True):
    """POST /v1/moderations; without a model the house has one that moderates."""

    model: str = ""
    input: str | list[str | Anything]

    def prefix(self) -> str:
        """Return how the first text begins."""
        return self.input if isinstance(self.input, str) else ""
