"""What a request has used goes into the ledger, and back to the quota, before the last bytes of its answer go out."""

import secrets
from itertools import count

from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.errors import error_code
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.ledger import LedgerWriter, Noted, NotedUnits, PriceBook, encode
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call, Loss
from tulou.services.gateway.usage import Usage

_PROCESS = secrets.token_hex(8)
_NUMBERS = count()
"""Entries are known by this process's random name and a number, never by what clients send."""

REFUSALS = frozenset({401, 403, 429})
NOTHING = Usage()


class Books:
    """Writes each request once, however often it is told to."""

    def __init__(self, ledger: LedgerWriter, clock: Clock) -> None:
        self._write = ledger.write
        self._now = clock.now
        self._monotonic = clock.monotonic

    def settle(self, record: Record) -> None:
        """Write down what the request used and what that cost; its status and its error are known by now."""
        if record.settled:
            return
        record.settled = True
        call = record.call
        if call is None:
            self._note(record, None, NOTHING, 0, 0)
            return
        record.backend = record.backend or call.tried
        units = call.usage or NOTHING
        cost, version, lost = 0, 0, 0
        if record.prices is not None:
            for loss in call.losses:
                lost += self._lose(record, call, loss, record.prices)
            if call.usage is not None:
                cost, version = self._cost(record.prices, units, call, record.backend)
        record.cost = cost + lost
        self._note(record, call, units, cost, version)
        if call.reservation is not None:
            if call.tried is None:
                call.reservation.release()  # it was refused before anything was done for it
            else:
                call.reservation.settle(_together(call) if call.losses else units, record.cost)

    def _cost(self, prices: PriceBook, units: Usage, call: Call, backend: Backend | None) -> tuple[int, int]:
        provider = backend.replica.provider if backend is not None else ""
        return prices.cost(units, served_by=call.served_by, provider=provider, at=self._now(), batch=call.batch)

    def _lose(self, record: Record, call: Call, loss: Loss, prices: PriceBook) -> int:
        """Write down an attempt that used something in vain; return what it cost."""
        units, replica, grant = loss.usage, loss.backend.replica, record.grant
        cost, version = prices.cost(
            units, served_by=loss.served_by, provider=replica.provider, at=self._now(), batch=call.batch
        )
        lost = encode(
            Noted(
                tenant=grant.tenant if grant else "",
                project=grant.project if grant else "",
                principal=grant.principal if grant else "",
                key=grant.key if grant else "",
                id=_next_id(),
                at=self._now(),
                request_id=record.request_id,
                endpoint=record.endpoint,
                model=record.asked,
                status=loss.status,
                code=loss.code,
                served_by=loss.served_by,
                deployment=replica.deployment,
                replica=replica.id,
                provider=replica.provider,
                attempt=loss.attempt,
                stream=call.stream,
                units=NotedUnits(*units),
                counted=loss.counted,
                cost=cost,
                price=version,
                batch=call.batch,
                final=False,
            )
        )
        self._write(lost)
        return cost

    def _note(self, record: Record, call: Call | None, units: Usage, cost: int, version: int) -> None:
        record.entry = encode(self._noted(record, call, units, cost, version))
        self._write(record.entry)

    def _noted(self, record: Record, call: Call | None, units: Usage, cost: int, version: int) -> Noted:
        replica = record.backend.replica if record.backend is not None else None
        grant = record.grant
        first = record.first_at
        return Noted(
            id=_next_id(),
            at=self._now(),
            request_id=record.request_id,
            tenant=grant.tenant if grant else "",
            project=grant.project if grant else "",
            principal=grant.principal if grant else "",
            key=grant.key if grant else "",
            endpoint=record.endpoint,
            model=record.asked,
            status=record.status,
            served_by=call.served_by if call is not None and replica is not None else "",
            deployment=replica.deployment if replica is not None else "",
            replica=replica.id if replica is not None else "",
            provider=replica.provider if replica is not None else "",
            attempt=len(call.attempts) + 1 if call is not None else 1,
            code=record.code,
            stream=call.stream if call is not None else False,
            took_ms=round((self._monotonic() - record.arrived) * 1000, 2),
            first_token_ms=round((first - record.began) * 1000, 2) if first is not None else None,
            units=NotedUnits(*units),
            counted=call.counted if call is not None else "none",
            cost=cost,
            price=version,
            refused_by=_refused_by(record.error) if replica is None else "",
            batch=call.batch if call is not None else False,
        )


def _together(call: Call) -> Usage:
    usage = call.usage or Usage()
    for loss in call.losses:
        usage = Usage(*(one + other for one, other in zip(usage, loss.usage, strict=True)))
    return usage


def _refused_by(error: TulouError | None) -> str:
    """Return what refused a request: the limit that a quota names, else the error's code."""
    if error is None or error.status not in REFUSALS:
        return ""
    limit: object = getattr(error, "limit", "")
    return limit if isinstance(limit, str) and limit else error_code(error)


def _next_id() -> str:
    return f"use_{_PROCESS}{next(_NUMBERS):012x}"
