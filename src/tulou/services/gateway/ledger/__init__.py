"""The ledger's local half: each entry is on this host's disk before the answer ends, and is shipped to metering later.

`book = PriceBook.compile(snapshot.prices)` once a snapshot, `book.priced(entry)` or `book.charge(units, ...)` a
request, then `ledger.write(encode(entry))`: microseconds, never raises, never waits. `open_ledger` opens writer and
shipper.
"""

from tulou.rules.metering.book import PriceBook
from tulou.services.gateway.ledger.counters import LedgerCounters
from tulou.services.gateway.ledger.lines import encode
from tulou.services.gateway.ledger.open import open_ledger
from tulou.services.gateway.ledger.record import EntryRecord, UnitsRecord
from tulou.services.gateway.ledger.settings import LedgerSettings
from tulou.services.gateway.ledger.shipper import Shipper
from tulou.services.gateway.ledger.writer import LedgerWriter

__all__ = [
    "EntryRecord",
    "LedgerCounters",
    "LedgerSettings",
    "LedgerWriter",
    "PriceBook",
    "Shipper",
    "UnitsRecord",
    "encode",
    "open_ledger",
]
