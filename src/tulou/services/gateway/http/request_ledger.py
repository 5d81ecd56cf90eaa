"""What a request has used goes into the ledger, and back to the quota, before the last bytes of its answer go out."""

import secrets
from itertools import count

from tulou.contracts.routing.messages import Grant
from tulou.kernel.clock import Clock
from tulou.kernel.errors import TulouError
from tulou.rules.metering.book import ERRORS_FROM, Charge
from tulou.rules.metering.findings import OWN
from tulou.services.gateway.http.errors import error_code
from tulou.services.gateway.http.record import Record
from tulou.services.gateway.ledger import EntryRecord, LedgerWriter, PriceBook, UnitsRecord, encode
from tulou.services.gateway.stack.backend import NAME_CAP, Backend
from tulou.services.gateway.stack.call import Call, LostAnswer
from tulou.services.gateway.usage import Usage

_PREFIX = f"use_{secrets.token_hex(8)}"
_NUMBERS = count()
"""Entries are known by this process's random name and a number, never by what clients send."""

REFUSALS = frozenset({401, 403, 429})
NOTHING = Usage()
UNPRICED = Charge(0, 0, "")


class RequestLedger:
    """Writes what it is told: each request once, where its end is seen (`Settlement`)."""

    def __init__(self, ledger: LedgerWriter, clock: Clock) -> None:
        self._write = ledger.write
        self._now = clock.now
        self._monotonic = clock.monotonic

    def settle(self, record: Record) -> None:
        """Write down what the request used and what that cost; its status and its error are known by now."""
        call, now = record.call, self._now()
        if call is None:
            self._note(record, None, NOTHING, UNPRICED, now)
            return
        record.backend = record.backend or call.tried
        units = call.usage or NOTHING
        charge, lost = UNPRICED, 0
        if record.prices is not None:
            for loss in call.losses:
                lost += self._lose(record, call, loss, record.prices, now)
            if call.usage is not None and (record.status < ERRORS_FROM or units != NOTHING):
                charge = _charge(record.prices, units, record.backend, call.served_by, now, batch=call.batch)
        record.cost = charge.cost + lost
        self._note(record, call, units, charge, now)
        if call.reservation is not None:
            if call.tried is None:
                call.reservation.release()  # it was refused before anything was done for it
            else:
                call.reservation.settle(_together(call) if call.losses else units, record.cost)

    def _lose(self, record: Record, call: Call, loss: LostAnswer, prices: PriceBook, now: float) -> int:
        """Write down an attempt that used something in vain; return what it cost."""
        charge = _charge(prices, loss.usage, loss.backend, loss.served_by, now, batch=call.batch)
        noted = self._noted(record, call, loss.status, now)
        noted.code, noted.attempt, noted.final = loss.code, loss.attempt, False
        noted.served_by = loss.served_by
        _answered_by(noted, loss.backend)
        noted.units, noted.counted = UnitsRecord(*loss.usage), loss.counted
        noted.cost, noted.price, noted.priced_by = charge
        self._write(encode(noted))
        return charge.cost

    def _note(self, record: Record, call: Call | None, units: Usage, charge: Charge, now: float) -> None:
        noted = self._noted(record, call, record.status, now)
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
        noted.units = UnitsRecord(*units)
        noted.cost, noted.price, noted.priced_by = charge
        record.entry = encode(noted)
        self._write(record.entry)

    def _noted(self, record: Record, call: Call | None, status: int, now: float) -> EntryRecord:
        """Return an entry with what all entries of a request have in common: one moment, by which they are priced."""
        who = _who(record.grant)
        model = record.asked
        if len(model) > NAME_CAP or "\0" in model:  # no ledger could hold what a client made up
            model = model.replace("\0", "")[:NAME_CAP]
        noted = EntryRecord(next_id(), now, record.request_id, *who, record.endpoint, model, status)
        if call is not None:
            noted.stream, noted.batch = call.stream, call.batch
        return noted


def _charge(
    prices: PriceBook, units: Usage, backend: Backend | None, served_by: str, now: float, *, batch: bool
) -> Charge:
    """Price by what answered, whatever led to it; a model that nobody was asked for has only its route's name."""
    if backend is None:
        return prices.charge(units, ("", "", "", served_by), at=now, batch=batch)
    replica = backend.replica
    answerer = (backend.upstream_model, replica.provider, replica.deployment, served_by)
    return prices.charge(units, answerer, at=now, batch=batch)


def _who(grant: Grant | None) -> tuple[str, str, str, str]:
    return (grant.tenant, grant.project, grant.principal, grant.key) if grant is not None else ("", "", "", "")


def _answered_by(noted: EntryRecord, backend: Backend) -> None:
    replica = backend.replica
    noted.deployment, noted.replica, noted.provider = replica.deployment, replica.id, replica.provider
    noted.upstream_model = backend.upstream_model
    if replica.provider == OWN:
        noted.own = backend.own  # another house has that provider, too, and is paid


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


def next_id() -> str:
    """Return an id that no other entry has."""
    return f"{_PREFIX}{next(_NUMBERS)}"
