"""Anthropic's messages, and the count of a prompt's tokens."""

import msgspec

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.dialects.catalogue import MESSAGES as DIALECT
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import Anything, EndpointRequest, most
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT
from tulou.services.gateway.endpoints.examples import MESSAGES as SAID
from tulou.services.gateway.stack.ways.counting import TokenCountCall
from tulou.services.gateway.stack.ways.translated import TranslatedCall
from tulou.services.gateway.stack.wire import Wire


class Metadata(msgspec.Struct):
    """Who asks on the client's side."""

    user_id: str | None = None


class Turn(msgspec.Struct):
    """One turn of a conversation; blocks are the dialect's to read."""

    role: str
    content: str | list[Anything]


class CountTokens(EndpointRequest, kw_only=True):
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


MESSAGES = GatewayEndpoint(
    facts=ENDPOINTS["messages"],
    request=Messages,
    client=DIALECT,
    way=lambda site: TranslatedCall(site, Wire(site)),
    passed=(b"anthropic-beta",),
    ping=b'event: ping\ndata: {"type": "ping"}\n\n',
    described=Description(
        operation="create_message",
        summary="Answer a conversation, as Anthropic does",
        about=(
            "Return the next message in the shape of Anthropic's API, whatever model answers; its official client "
            "works."
        ),
        schema="MessageRequest",
        answered=answers.Message,
        streamed=answers.MessageEvent,
        questions={
            "whole": {"summary": "An answer at once", "value": {"model": CHAT, "messages": SAID, "max_tokens": 64}},
        },
        answer={
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": CHAT,
            "content": [{"type": "text", "text": "A platform for large models."}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 15, "output_tokens": 9},
        },
        events=(
            'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
            '"delta":{"type":"text_delta","text":"A platform"}}\n\n'
        ),
    ),
)

COUNT_TOKENS = GatewayEndpoint(
    facts=ENDPOINTS["count_tokens"],
    request=CountTokens,
    client=DIALECT,
    way=lambda site: TokenCountCall(Wire(site), site.heavy),
    passed=(b"anthropic-beta",),
    described=Description(
        operation="count_message_tokens",
        summary="Count a prompt's tokens",
        about=(
            "Return how many tokens a prompt has: as its vendor or its model's own tokenizer counts, else an estimate "
            "of four bytes a token. The header `x-tulou-counted` says which."
        ),
        schema="CountTokensRequest",
        answered=answers.TokenCount,
        questions={"whole": {"summary": "A prompt", "value": {"model": CHAT, "messages": SAID}}},
        answer={"input_tokens": 15},
    ),
)
