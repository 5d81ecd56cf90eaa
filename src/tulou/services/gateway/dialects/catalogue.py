"""All dialects by name: those that clients speak, by endpoint, and those that upstreams do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.dialects.anthropic.client import MESSAGES
from tulou.services.gateway.dialects.anthropic.upstream import MESSAGES as MESSAGES_UPSTREAM
from tulou.services.gateway.dialects.bedrock.upstream import BEDROCK
from tulou.services.gateway.dialects.completions.client import COMPLETIONS
from tulou.services.gateway.dialects.dialect import ClientDialect, UpstreamDialect
from tulou.services.gateway.dialects.embeddings.bedrock import BedrockEmbeddings
from tulou.services.gateway.dialects.embeddings.embedding import EmbeddingUpstream
from tulou.services.gateway.dialects.embeddings.gemini import GeminiEmbeddings
from tulou.services.gateway.dialects.embeddings.openai import OpenAiEmbeddings
from tulou.services.gateway.dialects.gemini.upstream import GEMINI
from tulou.services.gateway.dialects.openai_chat.client import CHAT as CHAT_CLIENT
from tulou.services.gateway.dialects.openai_chat.upstream import CHAT
from tulou.services.gateway.dialects.openai_responses.client import RESPONSES as RESPONSES_CLIENT
from tulou.services.gateway.dialects.openai_responses.upstream import RESPONSES
from tulou.services.gateway.dialects.rerank.cohere import CohereRerankClient, CohereRerankUpstream
from tulou.services.gateway.dialects.rerank.jina import JinaRerankClient, JinaRerankUpstream
from tulou.services.gateway.dialects.rerank.reranking import RerankClient, RerankUpstream

RerankShape = Literal["cohere", "jina"]

CLIENTS: Mapping[Endpoint, ClientDialect] = MappingProxyType(
    {
        "chat": CHAT_CLIENT,
        "completions": COMPLETIONS,
        "responses": RESPONSES_CLIENT,
        "messages": MESSAGES,
    }
)

UPSTREAMS: Mapping[UpstreamName, UpstreamDialect] = MappingProxyType(
    {
        "openai": CHAT,
        "responses": RESPONSES,
        "anthropic": MESSAGES_UPSTREAM,
        "gemini": GEMINI,
        "bedrock": BEDROCK,
    }
)

EMBEDDERS: Mapping[UpstreamName, EmbeddingUpstream] = MappingProxyType(
    {"openai": OpenAiEmbeddings(), "gemini": GeminiEmbeddings(), "bedrock": BedrockEmbeddings()}
)

RERANK_CLIENTS: Mapping[RerankShape, RerankClient] = MappingProxyType(
    {"cohere": CohereRerankClient(), "jina": JinaRerankClient()}
)
"""`/v2/rerank` is Cohere's path, `/v1/rerank` and `/rerank` are Jina's."""

RERANKERS: Mapping[RerankShape, RerankUpstream] = MappingProxyType(
    {"cohere": CohereRerankUpstream(), "jina": JinaRerankUpstream()}
)
