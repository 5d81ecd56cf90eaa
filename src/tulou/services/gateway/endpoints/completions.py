"""Completions of a text, as OpenAI had them first."""

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.dialects.catalogue import CLIENTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import GenerationBody, Text
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT, HEAD, USAGE
from tulou.services.gateway.stack.ways.translated import TranslatedCall
from tulou.services.gateway.stack.wire import Wire


class Completion(GenerationBody, kw_only=True):
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


COMPLETIONS = GatewayEndpoint(
    facts=ENDPOINTS["completions"],
    request=Completion,
    client=CLIENTS["completions"],
    way=lambda site: TranslatedCall(site, Wire(site)),
    chunks=True,
    described=Description(
        operation="create_completion",
        summary="Continue a text",
        about="Return what follows a text; with `stream`, in pieces as it is written. Closing the connection stops it.",
        schema="CompletionRequest",
        answered=answers.TextCompletion,
        streamed=answers.TextCompletion,
        questions={
            "whole": {
                "summary": "A text to continue",
                "value": {"model": CHAT, "prompt": "Tulou is", "max_tokens": 16},
            },
        },
        answer={
            **HEAD,
            "object": "text_completion",
            "choices": [{"index": 0, "text": " a platform for large models.", "finish_reason": "stop"}],
            "usage": USAGE,
        },
        events=(
            'data: {"id":"cmpl-1","object":"text_completion","created":1795256732,"model":"tulou-demo",'
            '"choices":[{"index":0,"text":" a platform","finish_reason":"stop"}]}\n\n'
            "data: [DONE]\n\n"
        ),
    ),
)
