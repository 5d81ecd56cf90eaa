"""One call to one replica: the way that fits both is taken, and how it went is told to those who watch."""

import asyncio
from functools import partial

from tulou.chassis.http.errors import HttpError
from tulou.contracts.endpoints import Endpoint, endpoints_where
from tulou.contracts.routing.messages import Deadlines
from tulou.services.gateway.dialects.own import settle_own
from tulou.services.gateway.refusals import SpentError, TenantShareError
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Answer, Call, Choice
from tulou.services.gateway.stack.failure import AttemptFailedError, explain
from tulou.services.gateway.stack.guess import guessed
from tulou.services.gateway.stack.lease import BackendLease
from tulou.services.gateway.stack.media import check_media
from tulou.services.gateway.stack.resources import StageResources
from tulou.services.gateway.stack.secrets import hide_in
from tulou.services.gateway.stack.size import PROMPTED, check_size
from tulou.services.gateway.stack.spans import record_attempt
from tulou.services.gateway.stack.standing import CredentialStanding
from tulou.services.gateway.stack.ways.ways import UpstreamCalls

COUNTED: frozenset[Endpoint] = frozenset(endpoints_where(lambda facts: facts.counted))

REFUSED = 400


class SingleAttempt:
    """Raises `AttemptFailedError` for everything that another replica might do better."""

    def __init__(self, site: StageResources) -> None:
        self._site = site
        self._ways = UpstreamCalls(site)
        self._heavy = site.heavy
        self._standing = CredentialStanding(site.reports, clock=site.clock)
        self._monotonic = site.clock.monotonic

    async def __call__(self, call: Call, choice: Choice, backend: Backend, deadlines: Deadlines) -> Answer:
        """Call the replica; the answer of a stream comes back once its first event is good."""
        lease = BackendLease(choice, backend, call.grant)
        before, call.tried = call.tried, backend
        call.dropped = ()
        call.unread, call.sent = 0, False
        call.broken, call.torn = "", False
        began = self._monotonic()
        answer: Answer | None = None
        failure: AttemptFailedError | None = None
        try:
            if backend.own:
                await self._heavy.do(call, partial(_check, call, backend))
            answer = await self._ways.to(call, backend)(call, backend, lease, deadlines)
            if answer.status >= REFUSED:
                self._standing.answered(call, answer.status)
            return answer  # noqa: TRY300 - `finally` looks at it
        except HttpError as error:
            failure = explain(error, paid=backend.paid)
            raise failure from error
        except AttemptFailedError as error:
            failure = error
            call.usage, call.counted = None, "none"  # what it took is among the call's losses
            hide_in(error, backend, call.proof)
            self._standing.failed(call, error)
            raise
        except (asyncio.CancelledError, SpentError, TenantShareError):
            _left(call, before)
            raise
        finally:
            call.upstream_s += self._monotonic() - began
            if answer is None or answer.rest is None:
                if failure is None:
                    lease.end(good=True if answer is not None else None)
                else:
                    lease.end(good=False if failure.counts else None, own=failure.own)
            if call.place is not None:
                record_attempt(self._site, call, backend, began, failure)
            failure = None  # it knows this frame: the two would hold on to each other


def _left(call: Call, before: Backend | None) -> None:
    """Note of what nobody waits for any more that the prompt was sent, or that it was still in line for its turn."""
    if not call.sent:
        call.tried = before
    elif call.usage is None and call.endpoint in COUNTED:
        guessed(call, call.unread)


def _check(call: Call, backend: Backend) -> None:
    """Raise `InvalidError` for what an engine of the house cannot take, before it is asked."""
    if backend.limited and call.endpoint in PROMPTED:
        check_size(call, backend)
    if backend.text_only:
        check_media(call)
    if call.endpoint in backend.native:
        call.dropped = settle_own(call.endpoint, call.body)
