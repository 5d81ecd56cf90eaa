"""What is denied again and again over REST: the first of a minute are recorded one by one, the rest by number."""

from collections.abc import Iterator
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.types import Scope

from tulou.chassis.refusals import AddressLimitedError, RefusalCounts, RefusalVerdict, RefusedAddress, network_of
from tulou.chassis.rest.callers import address_of, brings_a_key
from tulou.contracts.governance.messages import AuditEntry
from tulou.kernel.clock import Clock
from tulou.kernel.errors import LimitedError, TulouError, UnauthenticatedError
from tulou.kernel.ids import new_id

WRONG_KEYS = 20
"""Of one address in a minute that are answered 401; more are answered 429, as at the gate."""
NO_KEYS = 600
"""The same for requests without any key: pages that nobody has signed in to make some."""
KNOWN_TOLD = 200
"""Callers and actions of a minute that are recorded one by one: more than one person can be denied by hand."""
TRIED = "keys:use"
"""The action of a sum over requests whose key nobody knows."""
SIGN_IN = "sign-in:write"
_SEPARATOR = "\n"
_STATE = "tulou.refusal"


class Denials:
    """Counts of one process, of strangers by address and of callers who are known by what they asked for."""

    def __init__(self, clock: Clock) -> None:
        self._strangers = RefusalCounts(clock, free=WRONG_KEYS)
        self._keyless = RefusalCounts(clock, free=NO_KEYS)
        self._doors = RefusalCounts(clock)
        self._callers = RefusalCounts(clock, told=KNOWN_TOLD)

    def unknown(self, request: Request, error: UnauthenticatedError) -> TulouError:
        """Count a key that nobody knows, or that there is none; return the error to answer with."""
        network = network_of(address_of(request))
        if not brings_a_key(request):
            verdict = self._keyless.count(network, error.code)
            words = "too many requests without a key came from this address; sign in, or send a key, in a moment"
            return AddressLimitedError(words, retry_after_s=verdict.wait_s) if verdict.wait_s else error
        verdict = self._strangers.count(network, error.code)
        request.scope[_STATE] = verdict
        if not verdict.wait_s:
            return error
        words = "too many unknown keys came from this address; look at the key, then try again"
        return AddressLimitedError(words, retry_after_s=verdict.wait_s)

    def is_told(self, scope: Scope, entry: AuditEntry) -> bool:
        """Say whether a request that is to be recorded is recorded by itself, rather than as one of many."""
        if _STATE in scope:
            return cast("RefusalVerdict", scope[_STATE]).tell
        if entry.outcome != "denied":
            return True
        if not entry.principal:
            return self._doors.count(_try(scope, entry), entry.code).tell
        subject = _SEPARATOR.join((entry.tenant, entry.principal, entry.action))
        return self._callers.count(subject, entry.code).tell

    def sums(self) -> Iterator[AuditEntry]:
        """Yield the entries of minutes that are over, each once."""
        for one in self._strangers.take():
            yield _sum(one, action=TRIED, address=one.subject)
        for one in self._doors.take():
            address, action = (*one.subject.split(_SEPARATOR), SIGN_IN)[:2]
            yield _sum(one, action=action, address=address)
        for one in self._callers.take():
            tenant, principal, action = (*one.subject.split(_SEPARATOR), "", "")[:3]
            known = bool(action)
            yield _sum(one, tenant=tenant if known else "", principal=principal, action=action or one.subject)


def _try(scope: Scope, entry: AuditEntry) -> str:
    """Return what tries at the door are counted by: the address, and what was sent where that was looked at."""
    address = network_of(address_of(Request(scope)))
    if entry.code == LimitedError.code:
        return address
    return _SEPARATOR.join((address, entry.action, entry.resource, entry.detail))


def _sum(one: RefusedAddress, *, action: str, tenant: str = "", principal: str = "", address: str = "") -> AuditEntry:
    detail = {"count": one.times, "first": one.first, "last": one.last}
    detail |= {"address": address} if address else {}
    return AuditEntry(
        id=new_id("audit"),
        at=one.last,
        tenant=tenant,
        principal=principal,
        action=action,
        resource="",
        outcome="denied",
        code=one.code,
        detail=msgspec.json.encode(detail).decode(),
    )
