"""The services that a gateway needs beside routing, as far as it needs them."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from tulou.contracts.limits.messages import LeaseShares, Limit, Share, Shares
from tulou.contracts.metering.messages import Entry, Ingested, IngestEntries
from tulou.contracts.responses.messages import Conversation, Items, NameItems, NameResponse, StoredResponse
from tulou.contracts.upstreams.messages import ReportCredential
from tulou.kernel.errors import ConflictError, NotFoundError, UnavailableError
from tulou.kernel.message import Done
from tulou.ports.allowances import Level


@dataclass
class FakeMetering:
    """Keeps the entries that it was sent, each once."""

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    async def ingest(self, request: IngestEntries) -> Ingested:
        entries = [msgspec.json.decode(entry, type=Entry) for entry in request.entries]
        new = [entry for entry in entries if entry.id not in self.entries]
        self.entries |= {entry.id: entry for entry in new}
        return Ingested(new=len(new), known=len(request.entries) - len(new))


@dataclass
class FakeUpstreams:
    """Keeps the reports that it was sent; while `away`, it cannot be reached."""

    away: bool = False
    reports: list[ReportCredential] = field(default_factory=list[ReportCredential])

    async def report_credential(self, request: ReportCredential) -> Done:
        if self.away:
            raise UnavailableError("control is away")
        self.reports.append(request)
        return Done()


@dataclass
class FakeResponses:
    """Keeps responses in memory; while `away`, it cannot be reached, and while `silent`, it does not answer."""

    away: bool = False
    silent: bool = False
    asked: int = 0
    kept: dict[str, StoredResponse] = field(default_factory=dict[str, StoredResponse])

    async def keep(self, request: StoredResponse) -> StoredResponse:
        await self._reach()
        self.kept[request.id] = request
        return request

    async def response(self, request: NameResponse) -> StoredResponse:
        await self._reach()
        found = self.kept.get(request.id)
        if found is None or (found.owner.tenant, found.owner.project) != (request.owner.tenant, request.owner.project):
            raise NotFoundError(f"no response {request.id}", param="response_id")
        return found

    async def conversation(self, request: NameResponse) -> Conversation:
        found = [await self.response(request)]
        while found[0].previous:
            found.insert(0, await self.response(replace(request, id=found[0].previous)))
        return Conversation(items=tuple(found))

    async def items(self, request: NameItems) -> Items:
        await self._reach()
        mine = [kept for kept in self.kept.values() if kept.owner.project == request.owner.project]
        known = {item["id"]: item for kept in mine for item in json.loads(kept.body)["output"]}
        for name in request.ids:
            if name not in known:
                raise NotFoundError(f"no item {name}", param="input")
        return Items(items=tuple(json.dumps(known[name]) for name in request.ids))

    async def enqueue(self, request: StoredResponse) -> StoredResponse:
        return await self.keep(request)

    async def cancel(self, request: NameResponse) -> StoredResponse:
        found = await self.response(request)
        if not found.request:
            raise ConflictError("only what is made in the background can be cancelled")
        return await self.keep(replace(found, state="cancelled"))

    async def delete(self, request: NameResponse) -> Done:
        await self.response(request)
        del self.kept[request.id]
        return Done()

    async def _reach(self) -> None:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.away:
            raise UnavailableError("control is away")


@dataclass
class FakeAllowances:
    """Grants what is asked up to `left` of each limit, and sums up what it was told was used."""

    left: dict[str, int] = field(default_factory=dict[str, int])
    used: dict[str, int] = field(default_factory=dict[str, int])

    async def lease(self, request: LeaseShares, limits: Mapping[str, Limit]) -> Shares:
        del limits
        shares: list[Share] = []
        for ask in request.asks:
            self.used[ask.limit] = self.used.get(ask.limit, 0) + ask.used
            left = self.left.get(ask.limit, 0)
            granted = min(max(ask.want, 0), left)
            self.left[ask.limit] = left - granted
            shares.append(
                Share(
                    limit=ask.limit,
                    subject=ask.subject,
                    lease=request.told,
                    granted=ask.keep + granted,
                    until=4_000_000_000.0,
                    left=left - granted,
                    resets_at=4_000_000_000.0,
                    retry_after_s=30.0 if granted < ask.want else 0.0,
                )
            )
        return Shares(items=tuple(shares))

    async def levels(self, limits: Sequence[Limit]) -> Sequence[Level]:
        del limits
        return ()

    async def forget(self, limit: str) -> None:
        self.left.pop(limit, None)
