"""Tenants, people, keys and signing in over REST."""

from fastapi import APIRouter

from tulou.contracts.identity.api import Identity
from tulou.services.identity.http import keys, me, people, sessions, sign_in, tenants

__all__ = ["public_router", "router"]


def router(identity: Identity) -> APIRouter:
    """Return the routes that ask who calls."""
    routes = APIRouter(prefix="/api/v1", tags=["identity"])
    for part in (keys, tenants, people, sessions, me):
        routes.include_router(part.routes(identity))
    return routes


def public_router(identity: Identity) -> APIRouter:
    """Return the routes by which somebody whom nobody knows yet signs in, and out."""
    routes = APIRouter(prefix="/api/v1", tags=["identity"])
    routes.include_router(sign_in.routes(identity))
    return routes
