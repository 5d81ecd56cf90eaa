"""A circuit breaker: stops calls to what fails, and lets single ones through to see whether it has recovered.

It opens when so many calls have failed within the window, and at least as many as went well meanwhile: a replica that
answers everyone but one caller, whose requests break its engine, is well.
"""

from collections import deque
from typing import Literal

from tulou.contracts.routing.messages import BreakerPolicy
from tulou.kernel.clock import Clock

State = Literal["closed", "open", "half_open"]

LEASE_S = 30.0
"""A trial call that never reports back gives its turn up after this long, so that no circuit sticks half-open."""


class Circuit:
    """Of one replica in this process."""

    __slots__ = ("_clock", "_failures", "_lease_until", "_policy", "_successes", "_went_well", "since", "state")

    def __init__(self, clock: Clock) -> None:
        self.state: State = "closed"
        self.since = clock.now()
        self._clock = clock
        self._policy = BreakerPolicy()
        self._failures: deque[tuple[float, int]] = deque(maxlen=self._policy.failures)
        self._went_well = 0
        self._successes = 0
        self._lease_until = 0.0

    def obey(self, policy: BreakerPolicy) -> None:
        """Judge by this policy from now on."""
        if policy != self._policy:
            self._policy = policy
            self._failures = deque(self._failures, maxlen=policy.failures)

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

    def failed(self) -> None:
        """Count a timeout, a connect error, a lost connection or a 5xx."""
        now = self._clock.monotonic()
        if self.state == "half_open":
            self._open(now)
            return
        self._failures.append((now, self._went_well))
        if self.state == "closed" and self._is_ill(now):
            self._open(now)

    def released(self) -> None:
        """Give a lease back that told nothing, such as a call whose client left."""
        if self.state == "half_open":
            self._lease_until = 0.0

    def reset(self) -> None:
        """Close, and forget what has been."""
        self._enter("closed")

    def _is_ill(self, now: float) -> bool:
        if len(self._failures) < self._policy.failures:
            return False
        first, went_well_by_then = self._failures[0]
        return now - first <= self._policy.window_s and self._went_well - went_well_by_then <= len(self._failures)

    def _open(self, now: float) -> None:
        self._enter("open")
        self._lease_until = now + self._policy.open_s

    def _enter(self, state: State) -> None:
        self.state = state
        self.since = self._clock.now()
        self._successes = 0
        self._failures.clear()
        self._lease_until = 0.0
