"""Where the gate answers what."""

from collections.abc import Iterator, Mapping

from tulou.contracts.routing.messages import Endpoint

OPENAI = ("/v1/", "/openai/v1/")
ANTHROPIC = ("/v1/", "/anthropic/v1/", "/anthropic/")
PREFIXES = ("/v1/", "/openai/v1/", "/anthropic/v1/")
"""Under which models and the like are found."""

PROXIED = frozenset({"files", "batches", "organization"})
"""What the control process answers to keys of inference."""

_OPENAI: Mapping[str, Endpoint] = {
    "chat/completions": "chat",
    "completions": "completions",
    "embeddings": "embeddings",
    "responses": "responses",
    "moderations": "moderations",
}
_ANTHROPIC: Mapping[str, Endpoint] = {"messages": "messages", "messages/count_tokens": "count_tokens"}
_BARE: Mapping[str, Endpoint] = {
    "/v1/rerank": "rerank",
    "/v2/rerank": "rerank",
    "/rerank": "rerank",
    "/v1/tokenize": "tokenize",
    "/tokenize": "tokenize",
    "/v1/detokenize": "detokenize",
    "/detokenize": "detokenize",
}


def _paths() -> Iterator[tuple[str, Endpoint]]:
    for prefix in OPENAI:
        for name, endpoint in _OPENAI.items():
            yield prefix + name, endpoint
    for prefix in ANTHROPIC:
        for name, endpoint in _ANTHROPIC.items():
            yield prefix + name, endpoint
    yield from _BARE.items()


PATHS: Mapping[str, Endpoint] = dict(_paths())
