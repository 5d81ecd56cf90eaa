"""All dialects by name: those that clients speak, by endpoint, and those that upstreams do."""

from collections.abc import Mapping
from types import MappingProxyType

from tulou.contracts.discovery.messages import UpstreamDialect as UpstreamName
from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.dialects.anthropic.client import MessagesClient
from tulou.services.gateway.dialects.anthropic.upstream import MessagesUpstream
from tulou.services.gateway.dialects.bedrock.upstream import BedrockUpstream
from tulou.services.gateway.dialects.dialect import ClientDialect, UpstreamDialect
from tulou.services.gateway.dialects.gemini.upstream import GeminiUpstream
from tulou.services.gateway.dialects.openai_chat.client import ChatClient
from tulou.services.gateway.dialects.openai_chat.upstream import ChatUpstream
from tulou.services.gateway.dialects.openai_responses.client import ResponsesClient
from tulou.services.gateway.dialects.openai_responses.upstream import ResponsesUpstream

CLIENTS: Mapping[Endpoint, ClientDialect] = MappingProxyType(
    {"chat": ChatClient(), "messages": MessagesClient(), "responses": ResponsesClient()}
)

UPSTREAMS: Mapping[UpstreamName, UpstreamDialect] = MappingProxyType(
    {
        "openai": ChatUpstream(),
        "responses": ResponsesUpstream(),
        "anthropic": MessagesUpstream(),
        "gemini": GeminiUpstream(),
        "bedrock": BedrockUpstream(),
    }
)
