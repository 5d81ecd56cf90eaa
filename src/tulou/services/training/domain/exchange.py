"""Messages of one conversation, as the chat API writes them."""

from dataclasses import dataclass

Message = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledConversation:
    """Messages in their order, and the tools that were offered."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, object], ...] = ()

    def questions(self) -> list[str]:
        """Return what the user said."""
        return [str(message["content"]) for message in self.messages if message["role"] == "user"]

    def as_json(self) -> dict[str, object]:
        """Return what a line of a conversations file holds."""
        return {"messages": self.messages, "tools": self.tools} if self.tools else {"messages": self.messages}


def system(content: str) -> Message:
    """Return a system message."""
    return {"role": "system", "content": content}


def user(content: str) -> Message:
    """Return a user's message."""
    return {"role": "user", "content": content}


def assistant(content: str) -> Message:
    """Return an answer."""
    return {"role": "assistant", "content": content}


def call(name: str, arguments: dict[str, str | int]) -> Message:
    """Return an answer that calls one tool."""
    function: dict[str, object] = {"name": name, "arguments": arguments}
    return {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": function}]}


def result(content: str) -> Message:
    """Return what a tool said."""
    return {"role": "tool", "content": content}
