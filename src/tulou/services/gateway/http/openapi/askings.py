"""What may be asked with POST, where, and what comes back."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from tulou.contracts.routing.messages import Endpoint
from tulou.services.gateway.http.endpoints.anthropic import CountTokens, Messages
from tulou.services.gateway.http.endpoints.openai import Chat, Completion, Embeddings, Moderation
from tulou.services.gateway.http.endpoints.responses import Responding
from tulou.services.gateway.http.endpoints.texts import Detokenize, Rerank, Tokenize
from tulou.services.gateway.http.openapi import answers

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
PLACES: Mapping[Endpoint, str] = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "count_tokens": "/v1/messages/count_tokens",
    "rerank": "/v1/rerank",
    "moderations": "/v1/moderations",
    "tokenize": "/v1/tokenize",
    "detokenize": "/v1/detokenize",
}
ALIASES: Mapping[Endpoint, tuple[str, ...]] = {
    "messages": ("/anthropic/messages",),
    "count_tokens": ("/anthropic/messages/count_tokens",),
    "rerank": ("/v2/rerank", "/rerank"),
    "tokenize": ("/tokenize",),
    "detokenize": ("/detokenize",),
}
ANTHROPIC: frozenset[Endpoint] = frozenset({"messages", "count_tokens"})
BARE: frozenset[Endpoint] = frozenset({"rerank", "tokenize", "detokenize"})
"""Those that no vendor's prefix stands before."""

DONE: frozenset[Endpoint] = frozenset({"chat", "completions"})
"""Those whose streams end with `[DONE]`."""
