"""Every endpoint that the gate answers, by name: a line here is all that makes it one of them."""

from collections.abc import Callable
from types import MappingProxyType

from tulou.contracts.endpoints import Endpoint
from tulou.services.gateway.endpoints.chat import CHAT_COMPLETIONS
from tulou.services.gateway.endpoints.completions import COMPLETIONS
from tulou.services.gateway.endpoints.embeddings import EMBEDDINGS
from tulou.services.gateway.endpoints.endpoint import GatewayEndpoint
from tulou.services.gateway.endpoints.messages import COUNT_TOKENS, MESSAGES
from tulou.services.gateway.endpoints.moderations import MODERATIONS
from tulou.services.gateway.endpoints.rerank import RERANK
from tulou.services.gateway.endpoints.responses import RESPONSES
from tulou.services.gateway.endpoints.tokens import DETOKENIZE, TOKENIZE
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.way import UpstreamCall

ALL = (
    CHAT_COMPLETIONS,
    COMPLETIONS,
    EMBEDDINGS,
    RESPONSES,
    MESSAGES,
    COUNT_TOKENS,
    RERANK,
    MODERATIONS,
    TOKENIZE,
    DETOKENIZE,
)
SERVED = MappingProxyType[Endpoint, GatewayEndpoint]({endpoint.facts.name: endpoint for endpoint in ALL})
WAYS = MappingProxyType[Endpoint, Callable[[StageResources], UpstreamCall]](
    {endpoint.facts.name: endpoint.way for endpoint in ALL if endpoint.way is not None}
)
"""To replicas that do not speak an endpoint's dialect."""
