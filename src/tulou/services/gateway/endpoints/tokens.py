"""Texts cut into tokens by a model's own tokenizer, and put together again."""

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import Anything, EndpointRequest
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT
from tulou.services.gateway.stack.ways.tokens import DetokenizeCall, TokenizeCall
from tulou.services.gateway.stack.wire import Wire


class Tokenize(EndpointRequest, kw_only=True):
    """POST /tokenize, in the shapes of llama.cpp (`content`) and vLLM (`prompt`, `messages`)."""

    content: str | None = None
    prompt: str | None = None
    messages: list[Anything] | None = None
    add_special_tokens: bool | None = None
    add_special: bool | None = None
    with_pieces: bool | None = None

    @property
    def turns(self) -> int:
        """How many messages the request brings."""
        return len(self.messages or ())

    def prefix(self) -> str:
        """Return how the text begins."""
        return self.content or self.prompt or ""


class Detokenize(EndpointRequest, kw_only=True):
    """POST /detokenize."""

    tokens: list[int]


TOKENIZE = GatewayEndpoint(
    facts=ENDPOINTS["tokenize"],
    request=Tokenize,
    way=lambda site: TokenizeCall(Wire(site)),
    described=Description(
        operation="cut_into_tokens",
        summary="Cut a text into tokens",
        about="Ask the model's own tokenizer, in the words of llama.cpp (`content`) or vLLM (`prompt`, `messages`).",
        schema="TokenizeRequest",
        answered=answers.Tokens,
        questions={"whole": {"summary": "A text", "value": {"model": CHAT, "content": "What is Tulou?"}}},
        answer={"tokens": [3, 14, 15], "count": 3},
    ),
)

DETOKENIZE = GatewayEndpoint(
    facts=ENDPOINTS["detokenize"],
    request=Detokenize,
    way=lambda site: DetokenizeCall(Wire(site)),
    described=Description(
        operation="put_tokens_together",
        summary="Put tokens together",
        about="Return the text of tokens, as the model's own tokenizer has it.",
        schema="DetokenizeRequest",
        answered=answers.TokensText,
        questions={"whole": {"summary": "Tokens", "value": {"model": CHAT, "tokens": [3, 14, 15]}}},
        answer={"content": "What is Tulou?", "prompt": "What is Tulou?"},
    ),
)
