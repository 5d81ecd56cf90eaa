"""Documents ranked by their relevance, in the shapes of Cohere and Jina."""

from tulou.contracts.endpoints import ENDPOINTS
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.asked import Anything, EndpointRequest
from tulou.services.gateway.endpoints.endpoint import Description, GatewayEndpoint
from tulou.services.gateway.endpoints.examples import EMBEDDING
from tulou.services.gateway.stack.ways.ranking import RankingCall
from tulou.services.gateway.stack.wire import Wire


class Rerank(EndpointRequest, kw_only=True):
    """POST /v1/rerank, in the shapes of Cohere and Jina."""

    query: str | Anything
    documents: list[str | Anything]
    top_n: int | None = None
    return_documents: bool | None = None
    max_tokens_per_doc: int | None = None

    def prefix(self) -> str:
        """Return what is searched for."""
        return str(self.query)


RERANK = GatewayEndpoint(
    facts=ENDPOINTS["rerank"],
    request=Rerank,
    way=lambda site: RankingCall(Wire(site)),
    described=Description(
        operation="rank_documents",
        summary="Rank documents",
        about=(
            "Return documents by their relevance to a query, in the shape of Cohere and Jina. A model of embeddings "
            "that is no reranker ranks by the likeness (cosine) of query and document."
        ),
        schema="RerankRequest",
        answered=answers.Ranking,
        questions={
            "whole": {
                "summary": "Two documents",
                "value": {
                    "model": EMBEDDING,
                    "query": "housing",
                    "documents": ["a round house of earth", "a tax form"],
                },
            },
        },
        answer={
            "results": [{"index": 0, "relevance_score": 0.62}, {"index": 1, "relevance_score": 0.08}],
            "usage": {"prompt_tokens": 13, "total_tokens": 13},
        },
    ),
)
