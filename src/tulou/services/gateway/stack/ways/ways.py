"""Which way leads from a call to a replica."""

from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.services.gateway.refusals import WrongEndpointError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.way import UpstreamCall
from tulou.services.gateway.stack.ways.native import NativeCall
from tulou.services.gateway.stack.ways.tapped import TappedCall
from tulou.services.gateway.stack.wire import Wire


class UpstreamCalls:
    """One of each, shared by all calls; those of an endpoint are made when they are first taken."""

    def __init__(self, site: StageResources) -> None:
        wire = Wire(site)
        self._site = site
        self._native = NativeCall(site, wire)
        self._tapped = TappedCall(site, wire)
        self._others: dict[Endpoint, UpstreamCall] = {}

    def to(self, call: Call, backend: Backend) -> UpstreamCall:
        """Return the way; raise `WrongEndpointError` where there is none."""
        if call.endpoint in backend.native and not (call.custom_tools and not backend.custom_tools):
            return self._tapped if call.client is not None and call.endpoint in TAPPED else self._native
        way = self._others.get(call.endpoint) or self._made(call.endpoint)
        if way is None:
            raise WrongEndpointError(
                f"{call.model!r} is served by {backend.replica.provider}, which has no {call.endpoint}", param="model"
            )
        return way

    def _made(self, endpoint: Endpoint) -> UpstreamCall | None:
        build = self._site.ways.get(endpoint)
        if build is None:
            return None
        way = self._others[endpoint] = build(self._site)
        return way


TAPPED = frozenset(endpoints_where(lambda facts: facts.tapped))
