"""The use cases that stand on one another, built in that order."""

from dataclasses import dataclass

from tulou.chassis.vault import Vault
from tulou.ports.cache import Cache
from tulou.ports.credentials import Credentials
from tulou.ports.openid import OpenIdProviders
from tulou.services.identity.service.attempts import AttemptLimiter
from tulou.services.identity.service.context import UseCaseContext
from tulou.services.identity.service.counters import SignInCounters
from tulou.services.identity.service.federation import Federation
from tulou.services.identity.service.passwords import Passwords
from tulou.services.identity.service.people import People
from tulou.services.identity.service.providers import ProviderCache
from tulou.services.identity.service.second_factors import SecondFactors
from tulou.services.identity.service.sessions import Sessions
from tulou.services.identity.service.signing_in import SignInFlow


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInNeeds:
    """What signing in needs beyond the room; `house` is what authenticators show."""

    cache: Cache
    vault: Vault
    web: OpenIdProviders
    credentials: Credentials
    house: str
    counters: SignInCounters


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """People, their sessions, and the ways to open one."""

    people: People
    sessions: Sessions
    factors: SecondFactors
    signing_in: SignInFlow
    federation: Federation

    @staticmethod
    def of(room: UseCaseContext, outside: SignInNeeds) -> "UseCases":
        """Build them."""
        settings = room.settings
        passwords = Passwords(settings)
        guesses = AttemptLimiter(outside.cache, clock=room.clock, settings=settings)
        sessions = Sessions(room)
        factors = SecondFactors(room, vault=outside.vault, guesses=guesses, sessions=sessions, house=outside.house)
        providers = ProviderCache(outside.web, outside.credentials, clock=room.clock, settings=settings)
        return UseCases(
            people=People(room, passwords),
            sessions=sessions,
            factors=factors,
            signing_in=SignInFlow(
                room=room,
                passwords=passwords,
                guesses=guesses,
                factors=factors,
                sessions=sessions,
                counters=outside.counters,
            ),
            federation=Federation(
                room=room, providers=providers, sessions=sessions, cache=outside.cache, counters=outside.counters
            ),
        )
