"""What Anthropic's models can write, by whatever name a vendor gives them, and what they are asked for unasked."""

from typing import Any

import msgspec
import pytest

from tulou.contracts.discovery.messages import UpstreamDialect
from tulou.services.gateway.dialects.catalogue import UPSTREAMS
from tulou.services.gateway.dialects.claude import most_written
from tulou.services.gateway.dialects.dialect import Ability
from tulou.services.gateway.dialects.prompt import Prompt, Reasoning, TextPart, Turn


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("claude-3-haiku-20240307", 4_096),
        ("claude-3-opus-20240229", 4_096),
        ("claude-2.1", 4_096),
        ("claude-3-5-sonnet-20241022", 8_192),
        ("claude-3-5-haiku@20241022", 8_192),
        ("anthropic/claude-3.5-sonnet", 8_192),
        ("claude-3-7-sonnet-latest", 64_000),
        ("claude-sonnet-4-20250514", 64_000),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", 64_000),
        ("claude-haiku-4-5@20251001", 64_000),
        ("claude-opus-4-20250514", 32_000),
        ("claude-opus-4-0", 32_000),
        ("claude-opus-4-1-20250805", 32_000),
        ("claude-opus-4@20250514", 32_000),
        ("claude-opus-4-5-20251101", 64_000),
        ("claude-opus-4-6", 128_000),
        ("claude-sonnet-5", 64_000),
        ("deepseek-reasoner", 7),
        ("my-own", 7),
    ],
)
def test_a_model_is_known_by_what_it_can_write(model: str, most: int) -> None:
    assert most_written(model, otherwise=7) == most


def written(model: str, dialect: UpstreamDialect = "anthropic", **changes: Any) -> dict[str, Any]:
    prompt = Prompt(model="m", turns=(Turn(role="user", parts=(TextPart(text="hi"),)),), family="openai")
    asked = msgspec.structs.replace(prompt, **changes)
    return msgspec.json.decode(UPSTREAMS[dialect].write_request(asked, Ability(model=model)).body)


def test_a_client_that_caps_nothing_gets_all_that_the_model_can_write() -> None:
    assert written("claude-sonnet-4-5")["max_tokens"] == 64_000
    assert written("claude-sonnet-4-5", max_tokens=5)["max_tokens"] == 5
    assert written("somebody-else-s")["max_tokens"] == 4_096


@pytest.mark.parametrize("effort", ["low", "high", "max"])
@pytest.mark.parametrize("model", ["claude-opus-4-1", "claude-sonnet-4-5", "claude-3-7-sonnet"])
def test_thinking_takes_its_part_of_what_the_model_can_write_and_no_more(model: str, effort: str) -> None:
    most = most_written(model, otherwise=0)
    body = written(model, reasoning=Reasoning(effort=effort))
    assert body["max_tokens"] == most
    assert 1024 <= body["thinking"]["budget_tokens"] <= most // 2
    bedrock = written(f"anthropic.{model}-v1:0", "bedrock", reasoning=Reasoning(effort=effort))
    assert bedrock["inferenceConfig"]["maxTokens"] == most
