"""A circuit breaker: stops calls to what fails, and lets single ones through to see whether it has recovered.

It opens when so many calls have failed within the window, and at least as many as went well meanwhile. No single caller
opens it: a failure is the replica's own if no connection came about, or if another replica answered the same request
well; all others may be the request's, so those of one caller count for half of the threshold at most, and alone for
nothing. Callers are tenants, in a house of one tenant its keys.
"""

from collections import deque
from typing import Literal, NamedTuple

from tulou.contracts.routing.messages import BreakerPolicy, Grant
from tulou.kernel.clock import Clock

State = Literal["closed", "open", "half_open"]

LEASE_S = 30.0
"""A trial call that never reports back gives its turn up after this long, so that no circuit sticks half-open."""

REMEMBERED = 4
"""Failures that are kept, in multiples of the threshold: those of one caller never crowd out all others."""


class SingleTenancy:
    """Whether the house has a single tenant; shared by all circuits of a process."""

    __slots__ = ("lone",)

    def __init__(self) -> None:
        self.lone = True


class CircuitFailure(NamedTuple):
    """When it was, how many calls had gone well by then, and whose request it was; without: the replica's own."""

    at: float
    went_well: int
    grant: Grant | None


class Circuit:
    """Of one replica in this process."""

    __slots__ = (
        "_clock",
        "_doubted_by",
        "_failures",
        "_lease_until",
        "_policy",
        "_successes",
        "_tenancy",
        "_went_well",
        "since",
        "state",
    )

    def __init__(self, clock: Clock, tenancy: SingleTenancy | None = None) -> None:
        self.state: State = "closed"
        self.since = clock.now()
        self._clock = clock
        self._tenancy = tenancy or SingleTenancy()
        self._policy = BreakerPolicy()
        self._failures: deque[CircuitFailure] = deque(maxlen=REMEMBERED * self._policy.failures)
        self._doubted_by: set[str] = set()
        self._went_well = 0
        self._successes = 0
        self._lease_until = 0.0

    def obey(self, policy: BreakerPolicy) -> None:
        """Judge by this policy from now on."""
        if policy != self._policy:
            self._policy = policy
            self._failures = deque(self._failures, maxlen=REMEMBERED * policy.failures)

    def allows(self) -> bool:
        """Say whether a call may be made; half-open, a yes is a lease that `succeeded` or `failed` gives back."""
        if self.state == "closed":
            return True
        now = self._clock.monotonic()
        if self.state == "open":
            if now < self._lease_until:
                return False
            self._enter("half_open")
        elif now < self._lease_until:
            return False
        self._lease_until = now + LEASE_S
        return True

    def opens_in(self) -> float:
        """Return the seconds until the next trial call."""
        return 0.0 if self.state == "closed" else max(0.0, self._lease_until - self._clock.monotonic())

    def succeeded(self) -> None:
        """Count a good answer."""
        self._went_well += 1
        if self.state != "half_open":
            return
        self._lease_until = 0.0
        self._successes += 1
        if self._successes >= self._policy.successes:
            self._enter("closed")

    def failed(self, grant: Grant | None = None) -> None:
        """Count a timeout, a lost connection or a 5xx of this caller's request; without one, the replica's own."""
        now = self._clock.monotonic()
        if self.state == "half_open":
            self._fail_trial(grant, now)
            return
        if grant is not None:
            self._make_room(self._caller(grant))
        self._failures.append(CircuitFailure(now, self._went_well, grant))
        if self.state == "closed" and self._is_ill(now):
            self._open(now)

    def blamed(self, grant: Grant) -> None:
        """Take the last failure of a caller for the replica's own: another one has answered the same request well."""
        self.forgiven(grant)
        self.failed()

    def forgiven(self, grant: Grant) -> None:
        """Take the last failure of a caller for the request's: another replica fails with the same words."""
        for place in range(len(self._failures) - 1, -1, -1):
            if self._failures[place].grant is grant:
                del self._failures[place]
                return

    def released(self) -> None:
        """Give a lease back that told nothing, such as a call whose client left."""
        if self.state == "half_open":
            self._lease_until = 0.0

    def reset(self) -> None:
        """Close, and forget what has been."""
        self._enter("closed")

    def _fail_trial(self, grant: Grant | None, now: float) -> None:
        """Open again, for a request of one caller only once one of another has failed too."""
        if grant is not None:
            self._doubted_by.add(self._caller(grant))
            if len(self._doubted_by) < 2:  # noqa: PLR2004 - of two callers
                self._lease_until = 0.0
                return
        self._open(now)

    def _is_ill(self, now: float) -> bool:
        while self._failures and now - self._failures[0].at > self._policy.window_s:
            self._failures.popleft()
        callers = {self._caller(failure.grant) if failure.grant else "" for failure in self._failures}
        most = self._policy.failures
        if len(self._failures) < most or (len(callers) == 1 and "" not in callers):
            return False
        return self._went_well - self._failures[-most].went_well <= most

    def _make_room(self, caller: str) -> None:
        """Forget the eldest failure of a caller who has as many as one may have."""
        own = [failure for failure in self._failures if failure.grant and self._caller(failure.grant) == caller]
        if len(own) >= (self._policy.failures + 1) // 2:
            self._failures.remove(own[0])

    def _caller(self, grant: Grant) -> str:
        return grant.key if self._tenancy.lone else grant.tenant

    def _open(self, now: float) -> None:
        self._enter("open")
        self._lease_until = now + self._policy.open_s

    def _enter(self, state: State) -> None:
        self.state = state
        self.since = self._clock.now()
        self._successes = 0
        self._failures.clear()
        self._doubted_by.clear()
        self._lease_until = 0.0
