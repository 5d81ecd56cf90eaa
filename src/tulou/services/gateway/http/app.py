"""The gate's ASGI application: finds who answers a path. No framework stands between it and the server."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import TulouError, UnauthenticatedError
from tulou.services.gateway.http.arrival import address_of, speaks_anthropic
from tulou.services.gateway.http.console import BrokenAnswerError, Console
from tulou.services.gateway.http.cors import Cors
from tulou.services.gateway.http.inference import Inference
from tulou.services.gateway.http.models import Models
from tulou.services.gateway.http.operations import Operations
from tulou.services.gateway.http.paths import PATHS, PREFIXES, PROXIED
from tulou.services.gateway.http.proxies import Proxies
from tulou.services.gateway.http.reply import refuse
from tulou.services.gateway.http.responses.stored import StoredResponses
from tulou.services.gateway.http.strangers import Strangers
from tulou.services.gateway.refusals import PathNotFoundError, WrongMethodError
from tulou.services.gateway.service import GatewayService

OPERATIONS: Mapping[str, Callable[[Operations, Send], Awaitable[None]]] = {
    "/healthz": Operations.health,
    "/readyz": Operations.ready,
    "/metrics": Operations.metrics,
    "/version": Operations.version,
}
READING = frozenset({"GET", "HEAD"})
"""Those who watch a house may ask with HEAD."""


class GateApp:
    """One entry: inference first, because that is what must be fast."""

    def __init__(self, service: GatewayService) -> None:
        self._inference = Inference(service)
        self._models = Models(service)
        self._kept = StoredResponses(service)
        self._strangers = Strangers(service)
        self._operations = Operations(service)
        self._console = Console(service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise WrongMethodError(f"the gate speaks HTTP, not {scope['type']}")
        endpoint = PATHS.get(scope["path"])
        try:
            if endpoint is None:
                await self._other(scope, receive, send)
            elif scope["method"] == "POST":
                await self._inference(endpoint, scope, receive, send)
            else:
                raise _wrong_method(scope, "POST")
        except BrokenAnswerError:
            raise
        except WrongMethodError as error:
            await refuse(send, error, ((b"allow", error.right.encode()),), endpoint=endpoint or _spoken(scope))
        except UnauthenticatedError as error:
            turned = self._strangers.turn_away(error, address=address_of(scope))
            await refuse(send, turned.error, endpoint=endpoint or _spoken(scope))
        except TulouError as error:
            await refuse(send, error, endpoint=endpoint or _spoken(scope))

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        for prefix in PREFIXES:
            if path.startswith(prefix):
                await self._v1(prefix, path.removeprefix(prefix), scope, receive, send)
                return
        operation = OPERATIONS.get(path)
        if operation is None:
            await self._console(scope, receive, send)
        elif scope["method"] in READING:
            await operation(self._operations, send)
        else:
            raise _wrong_method(scope, "GET")

    async def _v1(self, prefix: str, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        collection, _, name = path.partition("/")
        if collection in PROXIED:
            await self._console.inference(prefix, scope, receive, send)
        elif collection == "responses" and name:
            await self._kept(name, scope, send)
        elif collection == "models":
            await self._model(name, scope, send)
        else:
            raise PathNotFoundError(f"nothing answers at {scope['path']}; /docs lists what does")

    async def _model(self, name: str, scope: Scope, send: Send) -> None:
        if scope["method"] != "GET":
            raise _wrong_method(scope, "GET")
        if name:
            await self._models.get(name, scope, send)
        else:
            await self._models.list(scope, send)


def build_app(service: GatewayService) -> ASGIApp:
    """Return the application of a gateway process."""
    app: ASGIApp = GateApp(service)
    if service.settings.cors_origins:
        app = Cors(app, service.settings.cors_origins)
    return Proxies(app, service.settings.proxies) if service.settings.proxies else app


def _spoken(scope: Scope) -> Endpoint:
    """Return an endpoint of the dialect in which a request is refused that is for none."""
    return "messages" if speaks_anthropic(scope) else "chat"


def _wrong_method(scope: Scope, right: str) -> WrongMethodError:
    return WrongMethodError(f"{scope['path']} takes {right}, not {scope['method']}", right=right)
