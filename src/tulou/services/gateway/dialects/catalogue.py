"""All dialects by name: those that clients speak, by endpoint, and those that upstreams do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.dialects.anthropic.client import MessagesClient
from tulou.services.gateway.dialects.anthropic.upstream import MessagesUpstream
from tulou.services.gateway.dialects.bedrock.upstream import BedrockUpstream
from tulou.services.gateway.dialects.completions.client import CompletionsClient
from tulou.services.gateway.dialects.dialect import ClientDialect, UpstreamDialect
from tulou.services.gateway.dialects.embeddings.bedrock import BedrockEmbeddings
from tulou.services.gateway.dialects.embeddings.embedding import EmbeddingUpstream
from tulou.services.gateway.dialects.embeddings.gemini import GeminiEmbeddings
from tulou.services.gateway.dialects.embeddings.openai import OpenAiEmbeddings
from tulou.services.gateway.dialects.gemini.upstream import GeminiUpstream
from tulou.services.gateway.dialects.openai_chat.client import ChatClient
from tulou.services.gateway.dialects.openai_chat.upstream import ChatUpstream
from tulou.services.gateway.dialects.openai_responses.client import ResponsesClient
from tulou.services.gateway.dialects.openai_responses.upstream import ResponsesUpstream
from tulou.services.gateway.dialects.rerank.cohere import CohereRerankClient, CohereRerankUpstream
from tulou.services.gateway.dialects.rerank.jina import JinaRerankClient, JinaRerankUpstream
from tulou.services.gateway.dialects.rerank.reranking import RerankClient, RerankUpstream

RerankShape = Literal["cohere", "jina"]

MESSAGES = MessagesClient()
MESSAGES_UPSTREAM = MessagesUpstream()
"""Beside what all dialects do, these two count tokens."""

CLIENTS: Mapping[Endpoint, ClientDialect] = MappingProxyType(
    {
        "chat": ChatClient(),
        "completions": CompletionsClient(),
        "responses": ResponsesClient(),
        "messages": MESSAGES,
    }
)

UPSTREAMS: Mapping[UpstreamName, UpstreamDialect] = MappingProxyType(
    {
        "openai": ChatUpstream(),
        "responses": ResponsesUpstream(),
        "anthropic": MESSAGES_UPSTREAM,
        "gemini": GeminiUpstream(),
        "bedrock": BedrockUpstream(),
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
