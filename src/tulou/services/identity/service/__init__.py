"""The use cases of the identity service."""

from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.counters import SignInCounters
from tulou.services.identity.service.identity import IdentityService
from tulou.services.identity.service.use_cases import SignInNeeds

__all__ = ["IdentityService", "SignInCounters", "SignInNeeds", "UseCaseContext"]
