"""Which way leads from a call to a replica."""

from tulou.contracts.endpoints import endpoints_where
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.site import Site
from tulou.services.gateway.stack.ways.counting import Counting
from tulou.services.gateway.stack.ways.embedding import Embedding
from tulou.services.gateway.stack.ways.native import Native
from tulou.services.gateway.stack.ways.ranking import Ranking
from tulou.services.gateway.stack.ways.tapped import Tapped
from tulou.services.gateway.stack.ways.tokens import Detokenizing, Tokenizing
from tulou.services.gateway.stack.ways.translated import Translated
from tulou.services.gateway.stack.ways.way import Way
from tulou.services.gateway.stack.wire import Wire


class Ways:
    """One of each, shared by all calls."""

    def __init__(self, site: Site) -> None:
        wire = Wire(site)
        self._native = Native(site, wire)
        self._tapped = Tapped(site, wire)
        translated = Translated(site, wire)
        self._others: dict[str, Way] = {
            "chat": translated,
            "completions": translated,
            "responses": translated,
            "messages": translated,
            "count_tokens": Counting(wire),
            "rerank": Ranking(wire),
            "tokenize": Tokenizing(wire),
            "detokenize": Detokenizing(wire),
            "embeddings": Embedding(site, wire),
        }

    def to(self, call: Call, backend: Backend) -> Way:
        """Return the way; raise `WrongEndpointError` where there is none."""
        if call.endpoint in backend.native and not (call.custom_tools and not backend.custom_tools):
            return self._tapped if call.client is not None and call.endpoint in TAPPED else self._native
        way = self._others.get(call.endpoint)
        if way is None:
            raise WrongEndpointError(
                f"{call.model!r} is served by {backend.replica.provider}, which has no {call.endpoint}", param="model"
            )
        return way


TAPPED = frozenset(endpoints_where(lambda facts: facts.tapped))
