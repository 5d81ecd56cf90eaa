"""What may be asked with POST, where, and what comes back."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from tulou.contracts.endpoints import ENDPOINTS, Endpoint, endpoints_where
from tulou.services.gateway.endpoints import answers
from tulou.services.gateway.endpoints.anthropic import CountTokens, Messages
from tulou.services.gateway.endpoints.openai import Chat, Completion, Embeddings, Moderation
from tulou.services.gateway.endpoints.responses import Responding
from tulou.services.gateway.endpoints.texts import Detokenize, Rerank, Tokenize

Shape = type[msgspec.Struct]


class Asking(NamedTuple):
    """One of the POST routes; `streamed` is the data of its events."""

    endpoint: Endpoint
    name: str
    asked: Shape
    answered: Shape
    streamed: Shape | None = None


ASKINGS = (
    Asking("chat", "create_chat_completion", Chat, answers.ChatCompletion, answers.ChatCompletionChunk),
    Asking("completions", "create_completion", Completion, answers.TextCompletion, answers.TextCompletion),
    Asking("embeddings", "create_embeddings", Embeddings, answers.EmbeddingList),
    Asking("responses", "create_response", Responding, answers.Response, answers.ResponseEvent),
    Asking("messages", "create_message", Messages, answers.Message, answers.MessageEvent),
    Asking("count_tokens", "count_message_tokens", CountTokens, answers.TokenCount),
    Asking("rerank", "rank_documents", Rerank, answers.Ranking),
    Asking("moderations", "create_moderation", Moderation, answers.Moderations),
    Asking("tokenize", "cut_into_tokens", Tokenize, answers.Tokens),
    Asking("detokenize", "put_tokens_together", Detokenize, answers.TokensText),
)
PLACES: Mapping[Endpoint, str] = {name: facts.path for name, facts in ENDPOINTS.items()}
ALIASES: Mapping[Endpoint, tuple[str, ...]] = {name: facts.aliases for name, facts in ENDPOINTS.items()}
ANTHROPIC: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.vendor == "anthropic"))
BARE: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.vendor == "nobody"))
"""Those that no vendor's prefix stands before."""

DONE: frozenset[Endpoint] = frozenset({"chat", "completions"})
"""Those whose streams end with `[DONE]`."""
