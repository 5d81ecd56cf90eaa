"""Embeddings, as OpenAI has them."""

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import EndpointRequest, Text
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import EMBEDDING
from tulou.services.gateway.stack.ways.embedding import EmbeddingCall
from tulou.services.gateway.stack.wire import Wire


class Embeddings(EndpointRequest, kw_only=True):
    """POST /v1/embeddings."""

    input: Text
    encoding_format: str | None = None
    dimensions: int | None = None

    def prefix(self) -> str:
        """Return how the first text begins."""
        return self.input if isinstance(self.input, str) else repr(self.input[:1])


EMBEDDINGS = GatewayEndpoint(
    facts=ENDPOINTS["embeddings"],
    request=Embeddings,
    way=lambda site: EmbeddingCall(site, Wire(site)),
    described=Description(
        operation="create_embeddings",
        summary="Turn texts into vectors",
        about="Return a vector for each text, for search and comparison.",
        schema="EmbeddingsRequest",
        answered=answers.EmbeddingList,
        questions={
            "texts": {
                "summary": "Two texts",
                "value": {"model": EMBEDDING, "input": ["a round house of earth", "a tax form"]},
            },
        },
        answer={
            "object": "list",
            "data": [
                {"object": "embedding", "index": 0, "embedding": [-0.0979, -0.064, 0.1548]},
                {"object": "embedding", "index": 1, "embedding": [0.0217, -0.0281, 0.0544]},
            ],
            "model": EMBEDDING,
            "usage": {"prompt_tokens": 11, "total_tokens": 11},
        },
    ),
)
