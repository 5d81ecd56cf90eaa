"""Chat completions, as OpenAI has them."""

import msgspec

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.dialects.catalogue import CLIENTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import Anything, GenerationBody, most
from tulou.services.gateway.endpoints.borrowed import as_chat
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT, HEAD, MESSAGES, USAGE
from tulou.services.gateway.endpoints.tools import check_tools
from tulou.services.gateway.stack.forcing import ForcedTools, forced
from tulou.services.gateway.stack.ways.translated import TranslatedCall
from tulou.services.gateway.stack.wire import Wire


class Message(msgspec.Struct):
    """One turn of a conversation; tool calls and names are the engine's to read."""

    role: str
    content: str | list[Anything] | None = None


class Chat(GenerationBody, kw_only=True):
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
    def forced(self) -> ForcedTools | None:
        """The tools that are named to be used; raise `InvalidError` for one that the request does not bring."""
        return forced(self.tool_choice, self.tools or ()) if isinstance(self.tool_choice, dict) else None

    @property
    def custom_tools(self) -> bool:
        """Whether some of its tools take a text as it is."""
        return bool(self.tools) and any(bytes(tool.get("type", b"")) == b'"custom"' for tool in self.tools or ())

    def check(self, body: bytes) -> None:
        """Raise `WrongTypeError` for a tool that is none."""
        del body
        if self.tools:
            check_tools(self.tools)

    def prefix(self) -> str:
        """Return how the conversation begins."""
        return "\n".join(f"{turn.role}:{turn.content}" for turn in self.messages[:4])


CHAT_COMPLETIONS = GatewayEndpoint(
    facts=ENDPOINTS["chat"],
    request=Chat,
    client=CLIENTS["chat"],
    way=lambda site: TranslatedCall(site, Wire(site)),
    chunks=True,
    borrowed=as_chat,
    described=Description(
        operation="create_chat_completion",
        summary="Answer a conversation",
        about=(
            "Return the next message of a conversation; with `stream`, in pieces as it is written, and with an event "
            "`error` in place of `[DONE]` if it must break. Closing the connection stops the generation."
        ),
        schema="ChatRequest",
        answered=answers.ChatCompletion,
        streamed=answers.ChatCompletionChunk,
        questions={
            "whole": {"summary": "An answer at once", "value": {"model": CHAT, "messages": MESSAGES, "max_tokens": 64}},
            "stream": {
                "summary": "An answer as a stream, with counts of tokens",
                "value": {
                    "model": CHAT,
                    "messages": MESSAGES,
                    "stream": True,
                    "stream_options": {"include_usage": True},
                },
            },
        },
        answer={
            **HEAD,
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "A platform for large models."},
                    "finish_reason": "stop",
                }
            ],
            "usage": USAGE,
        },
        events=(
            'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1795256732,"model":"tulou-demo",'
            '"choices":[{"index":0,"delta":{"role":"assistant","content":"A platform"},"finish_reason":null}]}\n\n'
            'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1795256732,"model":"tulou-demo",'
            '"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
            "data: [DONE]\n\n"
        ),
    ),
)
