"""The use cases of the limits service, and the authority that counts when no other store does."""

from tulou.services.limits.service.authority import Authority
from tulou.services.limits.service.limits import LimitsService

__all__ = ["Authority", "LimitsService"]
