"""Request bodies of the endpoints that look at texts: rank them, cut them into tokens, put tokens together."""

from tulou.services.gateway.endpoints.asked import Anything, Asked


class Rerank(Asked, kw_only=True):
    """POST /v1/rerank, in the shapes of Cohere and Jina."""

    query: str | Anything
    documents: list[str | Anything]
    top_n: int | None = None
    return_documents: bool | None = None
    max_tokens_per_doc: int | None = None

    def prefix(self) -> str:
        """Return what is searched for."""
        return str(self.query)


class Tokenize(Asked, kw_only=True):
    """POST /tokenize, in the shapes of llama.cpp (`content`) and vLLM (`prompt`, `messages`)."""

    content: str | None = None
    prompt: str | None = None
    messages: list[Anything] | None = None
    add_special_tokens: bool | None = None
    add_special: bool | None = None
    with_pieces: bool | None = None

    @property
    def turns(self) -> int:
        """How many messages the request brings."""
        return len(self.messages or ())

    def prefix(self) -> str:
        """Return how the text begins."""
        return self.content or self.prompt or ""


class Detokenize(Asked, kw_only=True):
    """POST /detokenize."""

    tokens: list[int]
