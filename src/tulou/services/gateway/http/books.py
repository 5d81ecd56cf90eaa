"""What a request has used goes into the ledger, and back to the quota, before the last bytes of its answer go out."""

import secrets
from itertools import count

from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.services.gateway.http.errors import error_code
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.ledger import LedgerWriter, Noted, NotedUnits, PriceBook, encode
from tulou.services.gateway.stack.backend import Backend
from tulou.services.gateway.stack.call import Call, Loss
from tulou.services.gateway.usage import Usage

_PREFIX = f"use_{secrets.token_hex(8)}"
_NUMBERS = count()
"""Entries are known by this process's random name and a number, never by what clients send."""

REFUSALS = frozenset({401, 403, 429})
NOTHING = Usage()
MODEL_CAP = 200
"""Characters of a model's name that metering takes."""


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
        units, provider = loss.usage, loss.backend.replica.provider
        cost, version = prices.cost(
            units, served_by=loss.served_by, provider=provider, at=self._now(), batch=call.batch
        )
        noted = self._noted(record, call, loss.status)
        noted.code, noted.attempt, noted.final = loss.code, loss.attempt, False
        noted.served_by = loss.served_by
        _answered_by(noted, loss.backend)
        noted.units, noted.counted = NotedUnits(*units), loss.counted
        noted.cost, noted.price = cost, version
        self._write(encode(noted))
        return cost

    def _note(self, record: Record, call: Call | None, units: Usage, cost: int, version: int) -> None:
        noted = self._noted(record, call, record.status)
        noted.code = record.code
        noted.took_ms = _ms(self._monotonic() - record.arrived)
        if record.first_at is not None:
            noted.first_token_ms = _ms(record.first_at - record.began)
        if call is not None:
            noted.attempt = len(call.attempts) + 1
            noted.counted = call.counted
        if record.backend is None:
            noted.refused_by = _refused_by(record.error)
        else:
            noted.served_by = call.served_by if call is not None else ""
            _answered_by(noted, record.backend)
        noted.units, noted.cost, noted.price = NotedUnits(*units), cost, version
        record.entry = encode(noted)
        self._write(record.entry)

    def _noted(self, record: Record, call: Call | None, status: int) -> Noted:
        """Return an entry with what all entries of a request have in common."""
        who = _who(record.grant)
        model = record.asked
        if len(model) > MODEL_CAP or "\0" in model:  # no ledger could hold what a client made up
            model = model.replace("\0", "")[:MODEL_CAP]
        noted = Noted(_next_id(), self._now(), record.request_id, *who, record.endpoint, model, status)
        if call is not None:
            noted.stream, noted.batch = call.stream, call.batch
        return noted


def _who(grant: Grant | None) -> tuple[str, str, str, str]:
    return (grant.tenant, grant.project, grant.principal, grant.key) if grant is not None else ("", "", "", "")


def _answered_by(noted: Noted, backend: Backend) -> None:
    replica = backend.replica
    noted.deployment, noted.replica, noted.provider = replica.deployment, replica.id, replica.provider


def _ms(seconds: float) -> float:
    return int(seconds * 100_000) / 100


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
    return f"{_PREFIX}{next(_NUMBERS)}"
