"""Requests without a grant: told of by minute and address, and those with too many unknown keys put off.

A key is looked up before anything is counted here, so a right one is let in whatever came from its address.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from tulou.chassis.refusals import RefusedAddress, network_of
from tulou.contracts.routing.messages import Endpoint
from tulou.kernel.errors import TulouError, UnauthenticatedError
from tulou.services.gateway.http.request_ledger import next_id
from tulou.services.gateway.ledger import EntryRecord, encode
from tulou.services.gateway.refusals import TooManyWrongKeysError, WrongKeyError
from tulou.services.gateway.service import GatewayService
from tulou.services.gateway.telemetry.access import AccessLine

EVERY_S = 5.0
_NOWHERE: Endpoint = "chat"
"""Of a sum over endpoints, the one that it is filed under."""


class TurnedAway(NamedTuple):
    """What a request without a grant is answered, and its entry if it is told of by itself."""

    error: TulouError
    entry: bytes


class Strangers:
    """Of one gateway process; `service.refusals` counts."""

    def __init__(self, service: GatewayService) -> None:
        self._service = service
        self._refusals = service.refusals

    def turn_away(
        self, error: UnauthenticatedError, *, address: str, endpoint: Endpoint = _NOWHERE, request_id: str = ""
    ) -> TurnedAway:
        """Count a refusal, and write it down if it is one of the first of its minute."""
        network, now = network_of(address), self._service.clock.now()
        verdict = self._refusals.count(network, error.code)
        if verdict.tell:
            return TurnedAway(error, self._write(endpoint, request_id, error.code, (("address", network),), at=now))
        if verdict.wait_s and isinstance(error, WrongKeyError):
            words = "too many unknown keys came from this address; look at the key, then try again"
            return TurnedAway(TooManyWrongKeysError(words, retry_after_s=verdict.wait_s), b"")
        return TurnedAway(error, b"")

    async def sum_up_forever(self) -> None:
        """Write down what was counted in each minute that is over."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.sum_up(self._refusals.take())

    def sum_up(self, refused: Sequence[RefusedAddress]) -> None:
        """Write down counts, an entry each."""
        for one in refused:
            tags = (
                ("address", one.subject),
                ("count", str(one.times)),
                ("first", f"{one.first:.0f}"),
                ("last", f"{one.last:.0f}"),
            )
            entry = self._write(_NOWHERE, "", one.code or WrongKeyError.code, tags, at=one.last)
            if self._service.access is not None:
                self._service.access.add(AccessLine(one.last, entry))

    def _write(
        self, endpoint: Endpoint, request_id: str, code: str, tags: tuple[tuple[str, str], ...], *, at: float
    ) -> bytes:
        noted = EntryRecord(next_id(), at, request_id, "", "", "", "", endpoint, "", UnauthenticatedError.status)
        noted.code = noted.refused_by = code
        noted.tags = tags
        entry = encode(noted)
        self._service.ledger.write(entry)
        return entry
