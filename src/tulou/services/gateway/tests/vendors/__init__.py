"""Small vendors, each of which speaks its dialect over a real socket, from transcripts."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.services.gateway.tests.upstream import Seen
from tulou.services.gateway.tests.vendors import anthropic, bedrock, gemini, openai, responses
from tulou.services.gateway.tests.vendors.speech import Speech

SPEECHES: Mapping[UpstreamDialect, Speech] = MappingProxyType(
    {
        "openai": openai.OPENAI,
        "responses": responses.RESPONSES,
        "anthropic": anthropic.ANTHROPIC,
        "gemini": gemini.GEMINI,
        "bedrock": bedrock.BEDROCK,
    }
)
ASKED_FOR: Mapping[UpstreamDialect, Callable[[Seen], str]] = MappingProxyType(
    {
        "openai": openai.asked_for,
        "responses": responses.asked_for,
        "anthropic": anthropic.asked_for,
        "gemini": gemini.asked_for,
        "bedrock": bedrock.asked_for,
    }
)
