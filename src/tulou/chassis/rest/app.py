"""Put the routes of services together into one app."""

from collections.abc import Iterable

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException

from tulou.chassis.rest.audit import Audited, AuditReceivers
from tulou.chassis.rest.bodies import strict_json
from tulou.chassis.rest.callers import Authenticator
from tulou.chassis.rest.declared import declaration
from tulou.chassis.rest.denials import Denials
from tulou.chassis.rest.document import OpenApiDocument
from tulou.chassis.rest.entrance import BodyMiddleware
from tulou.chassis.rest.errors import ErrorReply, on_http_error, on_invalid_request, on_tulou_error
from tulou.chassis.rest.guard import Decider, Guard
from tulou.chassis.rest.identification import Identification
from tulou.chassis.rest.places import RequestSlotsMiddleware
from tulou.chassis.rest.scope import RequestScope
from tulou.chassis.rest.unknown import Unknown
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import TulouError

PUBLIC = "public"
"""The tag of routes that ask for no key, by which the document knows them."""


def rest_app(
    routers: Iterable[APIRouter],
    *,
    authenticate: Authenticator,
    public: Iterable[APIRouter] = (),
    inference: Iterable[APIRouter] = (),
    decide: Decider | None = None,
    trail: AuditReceivers | None = None,
    version: str = "",
) -> FastAPI:
    """Return the app; each of its routes asks who calls, but for those of `public`.

    `routers` administrate: they take a session, or a key with the scope `admin`. `inference` stands beside inference,
    under `/v1`, and takes the scope `inference`. Where there is `decide`, roles and policies must permit the route;
    without it a key's scope opens the whole house. The `trail` is told of changes and of who was turned away.
    Raise `InvalidError` for a route that does not say what it asks for.
    """
    denials = Denials(trail.clock if trail is not None else SystemClock())
    identify = Identification(authenticate, denials)
    guard = Guard(identify=identify, decide=decide)
    app = FastAPI(
        title="Tulou administration",
        version=version or "0",
        redirect_slashes=False,
        openapi_url=None,  # FastAPI writes the document anew for each who reads it
        docs_url=None,  # FastAPI's page loads scripts from elsewhere; the console brings its own
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": ErrorReply, "description": "What was wrong, and what next"}},
        exception_handlers={
            TulouError: on_tulou_error,
            RequestValidationError: on_invalid_request,
            HTTPException: on_http_error,
        },
    )
    routers, inference, open_to_all = tuple(routers), tuple(inference), tuple(public)
    _check_declared([*routers, *inference, *open_to_all])
    known = iter_route_contexts([route for router in open_to_all for route in router.routes])
    app.add_middleware(RequestSlotsMiddleware)
    app.add_middleware(BodyMiddleware, identify=identify, public={context.endpoint for context in known})
    if trail is not None:
        app.add_middleware(Audited, trail=trail, authenticate=authenticate, denials=denials)
    app.add_middleware(RequestScope)
    strict = Depends(strict_json)
    for router in routers:
        app.include_router(router, dependencies=[Depends(guard.administration), strict])
    for router in inference:
        app.include_router(router, dependencies=[Depends(guard.inference), strict])
    for router in open_to_all:
        app.include_router(router, dependencies=[strict], tags=[PUBLIC])
    app.add_route("/openapi.json", OpenApiDocument(app).read, include_in_schema=False)
    app.mount("/api", Unknown(app).refuse)  # else whatever is mounted at the root, such as the console, would answer
    return app


def _check_declared(routers: Iterable[APIRouter]) -> None:
    """Raise `InvalidError` for a route that does not say what it asks for."""
    for context in iter_route_contexts([route for router in routers for route in router.routes]):
        if isinstance(context.original_route, APIRoute):
            declaration(context.original_route)


def _operation_id(route: APIRoute) -> str:
    return route.name
