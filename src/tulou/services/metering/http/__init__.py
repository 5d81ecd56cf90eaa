"""Metering over REST: the house's own shape, and OpenAI's."""

from fastapi import APIRouter

from tulou.contracts.metering.api import Metering
from tulou.services.metering.http import administration, quarantine
from tulou.services.metering.http.organization import organization

__all__ = ["organization", "router"]


def router(metering: Metering) -> APIRouter:
    """Return the routes `/api/v1/usage`, `/api/v1/ledger` and `/api/v1/prices`."""
    routes = APIRouter(prefix="/api/v1", tags=["metering"])
    administration.add_reports(routes, metering)
    quarantine.add_quarantine(routes, metering)
    administration.add_prices(routes, metering)
    return routes
