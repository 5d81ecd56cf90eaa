"""The innermost stage: calls replicas, one after the other, until one answers well."""

import asyncio
from copy import copy
from dataclasses import replace

import structlog

from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.contracts.routing.messages import Deadlines, RetryPolicy
from tulou.services.gateway.refusals import NoReplicaError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.budget import RetryBudget
from tulou.services.gateway.stack.call import Answer, Call, Choice, FailedAttempt, LostAnswer
from tulou.services.gateway.stack.deadlines import instead, to_the_end
from tulou.services.gateway.stack.failure import HARMLESS, SPENT, AttemptFailedError
from tulou.services.gateway.stack.hedge import hedged
from tulou.services.gateway.stack.history import AttemptHistory
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.single import COUNTED, REFUSED, SingleAttempt
from tulou.services.gateway.stack.ways.count import spent

log = structlog.get_logger()

GENERATED: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.writes))
"""Endpoints whose whole answers take as long as they are written."""

PATIENCE_S = 5.0
"""The longest pause that is waited for inside; whoever is asked to wait longer is answered at once."""

OUTRUN = 499
"""The status in the ledger of a hedged call whose answer came second: as of one whose client left."""


class Attempt:
    """Goes to the next replica at once, and back to one that failed after a pause that grows.

    Refused connections do not count as attempts: they cost nothing, and the replica is not chosen again. Nor does what
    a credential was refused for, as long as there is another one: then the same replica is called with that.
    """

    def __init__(self, site: StageResources, *, retry: RetryPolicy, deadlines: Deadlines) -> None:
        self._site = site
        self._single = SingleAttempt(site)
        self._retry = retry
        self._deadlines = deadlines
        self._whole = to_the_end(deadlines)
        self._budget = RetryBudget(retry.budget, now=site.clock.monotonic())

    async def __call__(self, call: Call) -> Answer:
        """Answer the call; raise what the last failure means when no attempt is left."""
        choice = call.choice
        backend = choice.next(call) if choice is not None else None
        if choice is None or backend is None:
            raise nobody(call)
        if not call.due:
            longest = max(self._deadlines.total_s, instead(self._deadlines, backend.deadlines).total_s)
            call.due = self._site.clock.monotonic() + longest
        self._budget.earn()
        if self._retry.hedge_after_s is not None:
            return await self._with_hedge(call, choice, backend, self._retry.hedge_after_s)
        return await self._in_turn(call, choice, backend)

    async def _in_turn(self, call: Call, choice: Choice, backend: Backend) -> Answer:
        made = 0
        history: AttemptHistory | None = None
        while True:
            began = self._site.clock.monotonic()
            try:
                answer = await self._single(call, choice, backend, self._within(call, backend))
            except AttemptFailedError as failure:
                self._note(call, backend, failure, began)
                if self._with_other_proof(call, backend, failure):
                    continue
                history = history or AttemptHistory()
                history.add(backend, failure)
                made += failure.kind != "refused"
                following = None if history.over() else await self._following(call, choice, failure, made)
                if following is None:
                    history.forgive(call.grant)
                    raise history.error(call.model) from failure
                backend = following
                self._site.notes.retried(call)
            else:
                if history is not None and answer.status < REFUSED:
                    history.blame(call.grant, answered_by=backend)
                return answer

    async def _following(self, call: Call, choice: Choice, failure: AttemptFailedError, made: int) -> Backend | None:
        """Return the replica to call next, after a pause if it has failed before; None when it is over."""
        now = self._site.clock.monotonic()
        if made >= self._retry.attempts or now >= call.due or failure.charged:
            return None
        if not failure.free and not self._budget.spend(now):
            return None
        backend = choice.next(call)
        if backend is None:
            pause = self._pause(made, failure)
            if failure.kind in HARMLESS or pause > PATIENCE_S or now + pause >= call.due:
                return None  # a vendor's time is the client's to wait for, and another model may have none to wait
            await asyncio.sleep(pause)
            choice.again()
            backend = choice.next(call)
        return backend

    def _with_other_proof(self, call: Call, backend: Backend, failure: AttemptFailedError) -> bool:
        """Whether the replica can be called again at once with a credential that has not failed."""
        if backend.proofs is None or failure.kind not in HARMLESS or not failure.status:
            return False
        now = self._site.clock.monotonic()
        return now < call.due and backend.proofs.usable(now, call.refused)

    def _pause(self, made: int, failure: AttemptFailedError) -> float:
        policy = self._retry
        pause = min(policy.backoff_s * policy.factor ** max(0, made - 1), policy.backoff_max_s)
        pause *= 1 + policy.jitter * (2 * self._site.random.random() - 1)
        return max(min(pause, PATIENCE_S, policy.backoff_max_s), failure.retry_after_s or 0.0)

    def _within(self, call: Call, backend: Backend) -> Deadlines:
        """Return the deadlines of an attempt, which must end when the call's time does."""
        whole = not call.stream and call.endpoint in GENERATED
        if backend.deadlines is None:
            deadlines = self._whole if whole else self._deadlines
        else:
            deadlines = instead(self._deadlines, backend.deadlines)
            deadlines = to_the_end(deadlines) if whole else deadlines
        if not call.attempts:
            return deadlines
        left = max(0.0, call.due - self._site.clock.monotonic())
        return replace(deadlines, total_s=min(deadlines.total_s, left))

    async def _with_hedge(self, call: Call, choice: Choice, backend: Backend, after_s: float) -> Answer:
        """Ask a second replica when the first is slow, and take the answer that comes first.

        Each is asked by a copy of the call, since both note what they use; the call goes on as the winner's.
        """
        copies: list[Call] = []

        async def attempt(backend: Backend) -> Answer:
            own = copy(call)
            copies.append(own)
            began = self._site.clock.monotonic()
            while True:
                try:
                    return await self._single(own, choice, backend, self._within(call, backend))
                except AttemptFailedError as failure:
                    call.unread = own.unread
                    own.leave_room()  # another copy may wait for it
                    self._note(call, backend, failure, began)
                    if not self._with_other_proof(own, backend, failure):
                        raise

        def second() -> Backend | None:
            return choice.next(call) if self._budget.spend(self._site.clock.monotonic()) else None

        winner = backend
        try:
            answer = await hedged(attempt, backend, second, after_s=after_s)
            winner = answer.backend
            return answer  # noqa: TRY300 - `finally` looks at who won
        except AttemptFailedError as failure:
            raise failure.error(call.model) from failure
        finally:
            for own in copies:
                if own.tried is winner:
                    call.become(own)
                elif own.tried is not None and own.usage is not None:
                    number = len(call.attempts) + 1
                    call.losses.append(
                        LostAnswer(own.tried, own.served_by, number, own.usage, own.counted, OUTRUN, "outrun")
                    )

    def _note(self, call: Call, backend: Backend, failure: AttemptFailedError, began: float) -> None:
        if (failure.kind in SPENT or failure.charged or call.unread) and call.endpoint in COUNTED:
            spent(call, backend, failure)
        took_ms = round((self._site.clock.monotonic() - began) * 1000, 1)
        code, message = failure.said.code, "" if failure.kind == "credential" else failure.said.message
        tried = FailedAttempt(backend.replica.id, failure.kind, took_ms, failure.status, failure.words, code, message)
        call.attempts.append(tried)
        if failure.kind == "refused" and not backend.gone:
            backend.gone = True
            self._site.client.forget(backend.origin)
            self._site.prober.watch(backend)
            log.warning("replica_gone", replica=backend.replica.id, deployment=backend.replica.deployment)


def nobody(call: Call) -> NoReplicaError:
    """Return what to say when no replica may be called."""
    return NoReplicaError(
        f"no replica of {call.model!r} can be called now: none is ready, or all have failed of late; "
        "`tulou status` shows their states",
        retry_after_s=1.0,
    )
