"""The use cases of the identity service."""

from tulou.services.identity.service.counters import SignInCounters
from tulou.services.identity.service.identity import IdentityService
from tulou.services.identity.service.parts import Outside
from tulou.services.identity.service.room import Room

__all__ = ["IdentityService", "Outside", "Room", "SignInCounters"]
