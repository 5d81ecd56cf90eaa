"""The gate's ASGI application: finds who answers a path. No framework stands between it and the server."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.types import ASGIApp, Receive, Scope, Send

from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import InvalidError, TulouError
from tulou.services.gateway.http.console import BrokenAnswerError, Console
from tulou.services.gateway.http.cors import Cors
from tulou.services.gateway.http.inference import Inference
from tulou.services.gateway.http.models import Models
from tulou.services.gateway.http.operations import Operations
from tulou.services.gateway.http.reply import refuse
from tulou.services.gateway.refusals import PathNotFoundError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.stack.backend import PATHS as UPSTREAM_PATHS

PREFIXES = ("/v1/", "/openai/v1/")
PATHS: Mapping[str, Endpoint] = {
    path.replace("/v1/", prefix): endpoint for prefix in PREFIXES for endpoint, path in UPSTREAM_PATHS.items()
}


class WrongMethodError(InvalidError):
    """The path exists and is asked otherwise."""

    code: ClassVar[str] = "method_not_allowed"
    status: ClassVar[int] = 405


class Gate:
    """One entry: inference first, because that is what must be fast."""

    def __init__(self, service: GatewayService) -> None:
        self._inference = Inference(service)
        self._models = Models(service)
        self._operations = Operations(service)
        self._console = Console(service.site.client, service.house.control_url, idle_s=service.settings.console_idle_s)

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
        except TulouError as error:
            await refuse(send, error)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        for prefix in PREFIXES:
            if path.startswith(prefix):
                await self._v1(path.removeprefix(prefix), scope, send)
                return
        match path:
            case "/healthz":
                await self._operations.health(send)
            case "/readyz":
                await self._operations.ready(send)
            case "/metrics":
                await self._operations.metrics(send)
            case "/version":
                await self._operations.version(send)
            case _:
                await self._console(scope, receive, send)

    async def _v1(self, path: str, scope: Scope, send: Send) -> None:
        collection, _, name = path.partition("/")
        if collection != "models":
            raise PathNotFoundError(f"nothing answers at {scope['path']}; /docs lists what does")
        if scope["method"] != "GET":
            raise _wrong_method(scope, "GET")
        if name:
            await self._models.get(name, scope, send)
        else:
            await self._models.list(scope, send)


def build_app(service: GatewayService) -> ASGIApp:
    """Return the application of a gateway process."""
    gate = Gate(service)
    return Cors(gate, service.settings.cors_origins) if service.settings.cors_origins else gate


def _wrong_method(scope: Scope, right: str) -> WrongMethodError:
    return WrongMethodError(f"{scope['path']} takes {right}, not {scope['method']}")
