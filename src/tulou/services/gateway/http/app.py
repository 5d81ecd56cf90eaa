"""The gate's ASGI application: finds who answers a path. No framework stands between it and the server."""

from collections.abc import Awaitable, Callable, Mapping
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
OPERATIONS: Mapping[str, Callable[[Operations, Send], Awaitable[None]]] = {
    "/healthz": Operations.health,
    "/readyz": Operations.ready,
    "/metrics": Operations.metrics,
    "/version": Operations.version,
}
READING = frozenset({"GET", "HEAD"})
"""Those who watch a house may ask with HEAD."""


class WrongMethodError(InvalidError):
    """The path exists and is asked otherwise; `right` is the method that it takes."""

    code: ClassVar[str] = "method_not_allowed"
    status: ClassVar[int] = 405

    def __init__(self, message: str, *, right: str = "") -> None:
        super().__init__(message)
        self.right = right


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
        except WrongMethodError as error:
            await refuse(send, error, ((b"allow", error.right.encode()),))
        except TulouError as error:
            await refuse(send, error)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        for prefix in PREFIXES:
            if path.startswith(prefix):
                await self._v1(path.removeprefix(prefix), scope, send)
                return
        operation = OPERATIONS.get(path)
        if operation is None:
            await self._console(scope, receive, send)
        elif scope["method"] in READING:
            await operation(self._operations, send)
        else:
            raise _wrong_method(scope, "GET")

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
    return WrongMethodError(f"{scope['path']} takes {right}, not {scope['method']}", right=right)
