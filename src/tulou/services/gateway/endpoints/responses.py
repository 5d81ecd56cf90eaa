"""OpenAI's responses."""

from typing import Annotated

import msgspec

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.dialects.catalogue import CLIENTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import Anything, EndpointRequest, most
from tulou.services.gateway.endpoints.borrowed import check_input
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT
from tulou.services.gateway.stack.ways.translated import TranslatedCall
from tulou.services.gateway.stack.wire import Wire


class Responding(EndpointRequest, kw_only=True):
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

    def check(self, body: bytes) -> None:
        """Raise `WrongTypeError` for one without input that brings messages."""
        if not self.input and self.previous_response_id is None:
            check_input(body)

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


RESPONSES = GatewayEndpoint(
    facts=ENDPOINTS["responses"],
    request=Responding,
    client=CLIENTS["responses"],
    way=lambda site: TranslatedCall(site, Wire(site)),
    passed=(b"openai-beta",),
    described=Description(
        operation="create_response",
        summary="Answer, and keep the answer",
        about=(
            "Answer as OpenAI's responses API does. Unless `store` is false the answer is kept for `[gateway] "
            "responses_keep_days`, and `previous_response_id` goes on from it, whichever model answers then. With "
            "`background` it is made later; fetch it until it is done."
        ),
        schema="ResponseRequest",
        answered=answers.Response,
        streamed=answers.ResponseEvent,
        others=(answers.ResponseItems, answers.DeletedResponse),
        questions={
            "whole": {"summary": "An answer that is kept", "value": {"model": CHAT, "input": "What is Tulou?"}},
            "next": {
                "summary": "The next question",
                "value": {"model": CHAT, "input": "And where?", "previous_response_id": "resp_1"},
            },
        },
        answer={
            "id": "resp_1",
            "object": "response",
            "created_at": 1795256732,
            "status": "completed",
            "model": CHAT,
            "output": [
                {
                    "type": "message",
                    "id": "msg_1",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": "A platform for large models.", "annotations": []}],
                }
            ],
            "usage": {"input_tokens": 15, "output_tokens": 9, "total_tokens": 24},
            "store": True,
        },
        events=(
            'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":4,'
            '"item_id":"msg_1","output_index":0,"content_index":0,"delta":"A platform","logprobs":[]}\n\n'
        ),
    ),
)
