"""Signing in and out over REST: a password and its second factor, or an OpenID provider."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tulou.chassis.rest.callers import COOKIE, address_of, secret_of
from tulou.chassis.rest.declared import anybody
from tulou.chassis.rest.identification import actor_of
from tulou.chassis.rest.notes import note_session
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.messages import (
    Authenticate,
    BeginFederated,
    FinishFederated,
    IdentityProviders,
    ListIdentityProviders,
    NameSession,
    SignedIn,
    SignIn,
)
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import TulouError, UnauthenticatedError
from tulou.kernel.message import Done, message
from tulou.services.identity.http.addresses import house_of, is_secure

STATE_COOKIE = "tulou_state"
STATE_S = 600
CALLBACK = "/api/v1/sign-in/callback"
AFTER_FAILURE = "/?sign_in_error="


@message
class Password:
    """What somebody says to be let in; `code` is the authenticator's, or a recovery code, once asked for.

    `tenant` is needed where several tenants know the e-mail address with this password.
    """

    email: str
    password: str
    code: str = ""
    tenant: str = ""


def routes(identity: Identity) -> APIRouter:
    """Return the routes `/sign-in` and `/sign-out`."""
    router = APIRouter()

    @router.post("/sign-in", openapi_extra=anybody("sign-in"))
    async def sign_in(
        request: Request, response: Response, body: Password, *, token: Annotated[bool, Query()] = False
    ) -> SignedIn:
        """Open a session: browsers get it as a cookie; `token=true` also says its secret, for a command line."""
        wanted = SignIn(
            email=body.email,
            password=body.password,
            code=body.code,
            tenant=body.tenant,
            address=address_of(request),
            agent=request.headers.get("user-agent", ""),
        )
        signed_in = await identity.sign_in(wanted)
        if signed_in.secret:
            _set_cookie(response, request, signed_in)
        return signed_in if token else _without_secret(signed_in)

    @router.get("/sign-in/providers", openapi_extra=anybody("sign-in", "providers"))
    async def list_identity_providers() -> IdentityProviders:
        """Return the ways to sign in."""
        return await identity.identity_providers(ListIdentityProviders())

    @router.post("/sign-out", openapi_extra=anybody("sign-out"))
    async def sign_out(request: Request, response: Response) -> Done:
        """End the session that asks; where there is none any more, that is no error."""
        response.delete_cookie(COOKIE, path="/")
        try:
            who = await identity.authenticate(Authenticate(secret=secret_of(request)))
        except UnauthenticatedError:
            return Done()
        if not who.session:
            return Done()
        CONTEXT.set(replace(CONTEXT.get(), actor=actor_of(who)))
        return await identity.sign_out(NameSession(id=who.session))

    _ = (sign_in, list_identity_providers, sign_out)
    _add_providers(router, identity)
    return router


def _add_providers(router: APIRouter, identity: Identity) -> None:
    @router.get(
        "/sign-in/callback",
        response_class=RedirectResponse,
        status_code=303,
        openapi_extra=anybody("sign-in", "callback"),
    )
    async def finish_federated(
        request: Request,
        state: str = "",
        code: str = "",
        error: str = "",
        iss: str = "",
        begun: Annotated[str, Cookie(alias=STATE_COOKIE)] = "",
    ) -> Response:
        """Come back from a provider: open a session and go on to where the browser wanted to be."""
        wanted = FinishFederated(
            state=state,
            code=code,
            error=error,
            issuer=iss,
            address=address_of(request),
            agent=request.headers.get("user-agent", ""),
        )
        try:
            if not begun or begun != state:
                raise UnauthenticatedError("this browser has not begun this sign-in, or too long ago; begin again")
            finished = await identity.finish_federated(wanted)
        except TulouError as failure:
            return _failed(request, failure)
        response = RedirectResponse(finished.return_to, status_code=303)
        response.delete_cookie(STATE_COOKIE, path=CALLBACK)
        _set_cookie(response, request, finished.signed_in)
        return response

    @router.get(
        "/sign-in/{provider}",
        response_class=RedirectResponse,
        status_code=302,
        openapi_extra=anybody("sign-in", "{provider}"),
    )
    async def begin_federated(request: Request, provider: str, return_to: str = "/") -> Response:
        """Go to a provider to sign in there; it sends the browser back."""
        redirect_uri = house_of(request) + CALLBACK
        wanted = BeginFederated(provider=provider, redirect_uri=redirect_uri, return_to=return_to)
        begun = await identity.begin_federated(wanted)
        response = RedirectResponse(begun.location, status_code=302)
        response.set_cookie(
            STATE_COOKIE,
            begun.state,
            max_age=STATE_S,
            path=CALLBACK,
            secure=begun.secure or is_secure(request),
            httponly=True,
            samesite="lax",
        )
        return response

    _ = (finish_federated, begin_federated)


def _set_cookie(response: Response, request: Request, signed_in: SignedIn) -> None:
    """Hand the secret to the browser alone; `Lax`, so that the way back from a provider brings it along."""
    note_session(request, signed_in.secret)
    response.set_cookie(
        COOKIE, signed_in.secret, path="/", secure=signed_in.secure or is_secure(request), httponly=True, samesite="lax"
    )


def _without_secret(signed_in: SignedIn) -> SignedIn:
    return SignedIn(session=signed_in.session, expires_at=signed_in.expires_at, second_factor=signed_in.second_factor)


def _failed(request: Request, failure: TulouError) -> Response:
    """Send a browser back to the console, which shows why; tell programs as ever."""
    if "text/html" not in request.headers.get("accept", ""):
        raise failure
    response = RedirectResponse(AFTER_FAILURE + quote(str(failure)), status_code=303)
    response.delete_cookie(STATE_COOKIE, path=CALLBACK)
    return response
