"""Metering over REST: the house's own shape, and OpenAI's."""

from tulou.services.metering.http.administration import router
from tulou.services.metering.http.organization import organization

__all__ = ["organization", "router"]
