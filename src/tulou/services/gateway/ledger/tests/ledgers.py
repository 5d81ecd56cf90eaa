"""Entries, a metering service that remembers, and ledgers in a folder."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry

from tulou.contracts.metering.messages import Entry, Ingested, IngestEntries, Units
from tulou.kernel.errors import UnavailableError
from tulou.services.gateway.ledger import LedgerCounters, LedgerSettings, LedgerWriter, Shipper, encode

ENTRY = Entry(
    id="entry_0",
    at=1_700_000_000.0,
    request_id="req_0",
    tenant="default",
    project="default",
    principal="ada",
    key="key_0",
    endpoint="chat",
    model="demo",
    status=200,
    served_by="demo",
    provider="tulou",
    units=Units(input=10, output=5),
    counted="reported",
)


def entry(number: int) -> Entry:
    return replace(ENTRY, id=f"entry_{number}", at=ENTRY.at + number)


@dataclass
class Remembering:
    """The one operation of metering that a shipper uses; `away` and `refuses` make it fail."""

    seen: list[str] = field(default_factory=list[str])
    batches: list[int] = field(default_factory=list[int])
    away: bool = False
    refuses: Callable[[IngestEntries], Exception | None] = lambda _: None
    unread: list[str] = field(default_factory=list[str])

    async def ingest(self, request: IngestEntries) -> Ingested:
        if self.away:
            raise UnavailableError("metering is away")
        if error := self.refuses(request):
            raise error
        self.unread += [one.body for one in request.unread]
        if request.unread:
            return Ingested(new=0, known=0, quarantined=len(request.unread))
        self.batches.append(len(request.entries))
        self.seen += [msgspec.json.decode(entry, type=Entry).id for entry in request.entries]
        return Ingested(new=len(request.entries), known=0)


@dataclass
class Ledger:
    """A writer and its shipper, as a process has them."""

    folder: Path
    metering: Remembering
    process: str = "gateway-0"
    settings: LedgerSettings = field(default_factory=LedgerSettings)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        counters = LedgerCounters(self.registry)
        self.writer = LedgerWriter(self.folder, process=self.process, counters=counters, settings=self.settings)
        self.shipper = Shipper(
            self.folder,
            self.metering,  # pyright: ignore[reportArgumentType] - it has the one operation that is used
            self.writer,
            gateway=self.process,
            counters=counters,
            settings=self.settings,
        )

    def write(self, entry: Entry) -> bool:
        return self.writer.write(encode(entry))

    def count(self, name: str) -> float:
        return self.registry.get_sample_value(f"tulou_gateway_ledger_{name}") or 0.0

    def segments(self) -> list[Path]:
        return sorted(self.folder.glob("*.log"))
