"""Reads requests to rerank, which differ little: documents are texts, or objects that hold one."""

import msgspec

from tulou.services.gateway.dialects.reading import TEXT, TRUTH, WHOLE, Fields, Object, read_object, wrong_type
from tulou.services.gateway.dialects.rerank.reranking import Rerank

_DOCUMENTS = msgspec.json.Decoder[list[str | Object] | None](list[str | Object] | None)


def read_request(body: bytes, *, family: str) -> Rerank:
    """Return what is asked; raise `MalformedError`, or `WrongTypeError` naming the field."""
    fields = read_object(body)
    return Rerank(
        model=fields.need("model", TEXT),
        query=fields.need("query", TEXT),
        documents=_documents(fields),
        top_n=_most(fields),
        return_documents=fields.take("return_documents", TRUTH) is True,
        most_tokens=fields.take("max_tokens_per_doc", WHOLE),
        extra=fields.rest(),
        family=family,
    )


def _most(fields: Fields) -> int | None:
    wanted = fields.take("top_n", WHOLE)
    if wanted is not None and wanted < 1:
        raise wrong_type("top_n", f"It is at least 1, not {wanted}")
    return wanted


def _documents(fields: Fields) -> tuple[str, ...]:
    documents = fields.need("documents", _DOCUMENTS)
    if not documents:
        raise wrong_type("documents", "There are none to order")
    return tuple(
        document if isinstance(document, str) else Fields(document, f"documents[{index}]").need("text", TEXT)
        for index, document in enumerate(documents)
    )
