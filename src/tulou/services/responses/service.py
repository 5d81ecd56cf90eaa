"""The use cases of the responses service."""

from dataclasses import replace

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.contracts.files.messages import Owner
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import EnqueueJob, NameJob
from tulou.contracts.responses.messages import (
    Conversation,
    Items,
    NameItems,
    NameResponse,
    ResponseState,
    StoredResponse,
)
from tulou.kernel.clock import Clock
from tulou.kernel.errors import ConflictError, InvalidError, LimitedError, NotFoundError
from tulou.kernel.message import Done
from tulou.ports.database import Database, Transaction
from tulou.ports.gate import Gate
from tulou.services.responses import domain, store
from tulou.services.responses.domain import FINAL
from tulou.services.responses.settings import ResponsesSettings

RUN_JOB = "responses.run"
PATH = "/v1/responses"
SLACK_S = 600.0
SWEPT = 1_000
"""Projects that are swept at once; others have their turn at the next look."""


class _Payload(msgspec.Struct):
    response: str
    owner: Owner


class ResponsesService:
    """Stored responses, told apart by project; implements `contracts.responses.Responses`."""

    def __init__(
        self, database: Database, jobs: Jobs, gate: Gate, *, clock: Clock, settings: ResponsesSettings
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._gate = gate
        self._clock = clock
        self._settings = settings

    async def keep(self, request: StoredResponse) -> StoredResponse:
        """Keep a response until it expires, in place of an earlier state of it; a final state is never replaced."""
        domain.check(request, at_most=self._settings.response_bytes)
        await self._begin(request.owner)
        async with self._database.transaction() as tx:
            kept = await store.kept_bytes(tx, request.owner)
            known = await store.hold(tx, request.id)
            if known is None:
                await self._add(tx, request, kept)
                return request
            if known.owner.tenant != request.owner.tenant or known.owner.project != request.owner.project:
                raise ConflictError(f"the response {request.id} is somebody else's")
            if known.state in FINAL:
                return known
            await store.put(tx, request, before=known)
        return request

    async def response(self, request: NameResponse) -> StoredResponse:
        """Return a response; raise `NotFoundError` for an unknown or expired one, and for one of somebody else."""
        async with self._database.reading() as tx:
            return await self._get(tx, request)

    async def conversation(self, request: NameResponse) -> Conversation:
        """Return a response and those before it, of no more bytes than is asked for."""
        found: list[StoredResponse] = []
        asked, size = request.id, 0
        async with self._database.reading() as tx:
            while asked:
                if len(found) >= self._settings.conversation:
                    raise InvalidError(
                        f"the conversation has more than {len(found)} responses ([responses] conversation); begin anew",
                        param="previous_response_id",
                    )
                found.append(await self._get(tx, replace(request, id=asked)))
                asked = found[-1].previous
                size += domain.said(found[-1])
                if request.at_most and size > request.at_most:
                    raise domain.too_long(at_most=request.at_most)
        return Conversation(items=tuple(reversed(found)))

    async def items(self, request: NameItems) -> Items:
        """Return items of answers by their ids, of no more bytes than is asked for."""
        most = self._settings.conversation
        if len(request.ids) > most:
            raise InvalidError(f"{len(request.ids)} items are named, more than {most} ([responses] conversation)")
        named: dict[str, str] = {}
        async with self._database.reading() as tx:
            holders = await store.holders(tx, request.owner, request.ids)
            for response in dict.fromkeys(holders.values()):
                found = await store.find(tx, response, request.owner, now=self._clock.now())
                mine = {name for name, holder in holders.items() if holder == response}
                named |= domain.items_of(found, mine) if found is not None else {}
                if request.at_most and sum(map(len, named.values())) > request.at_most:
                    raise domain.too_long(at_most=request.at_most)
        for name in request.ids:
            if name not in named:
                raise domain.unknown_item(name)
        return Items(items=tuple(named[name] for name in request.ids))

    async def enqueue(self, request: StoredResponse) -> StoredResponse:
        """Have a response made in the background."""
        domain.check(request, at_most=self._settings.response_bytes)
        domain.fields(request.request)
        most = self._settings.project_unfinished
        await self._begin(request.owner)
        async with self._database.transaction() as tx:
            kept = await store.kept_bytes(tx, request.owner)
            if await store.count_unfinished(tx, request.owner) >= most:
                raise LimitedError(f"{most} responses of this project are being made ([responses] project_unfinished)")
            await self._add(tx, request, kept)
        job = await self._jobs.enqueue(
            EnqueueJob(
                kind=RUN_JOB,
                payload=msgspec.json.encode(_Payload(request.id, request.owner)).decode(),
                dedup_key=request.id,
                deadline_s=self._settings.answer_s + SLACK_S,
            )
        )
        return await self._changed(request, job=job.id)

    async def cancel(self, request: NameResponse) -> StoredResponse:
        """Stop one that is made in the background; raise `ConflictError` for one that never was."""
        response = await self.response(request)
        if not response.request:
            raise ConflictError(f"the response {response.id} was not made in the background; only such are cancelled")
        if response.state in FINAL:
            return response
        cancelled = await self._changed(response, state="cancelled", body=domain.moved(response, "cancelled"))
        if cancelled.job:
            await self._jobs.cancel(NameJob(id=cancelled.job))
        return cancelled

    async def delete(self, request: NameResponse) -> Done:
        """Forget a response."""
        response = await self.response(request)
        if response.job and response.state not in FINAL:
            await self._jobs.cancel(NameJob(id=response.job))
        async with self._database.transaction() as tx:
            await store.remove(tx, request.owner, store.named(request.id))
        return Done()

    async def work_on(self, run: JobRun) -> str:
        """Ask the gate for a response, keep what comes, and return the response's id."""
        asked = msgspec.json.decode(run.job.payload, type=_Payload)
        response = await self.response(NameResponse(owner=asked.owner, id=asked.response))
        if response.state in FINAL:
            return response.id
        response = await self._changed(response, state="in_progress", body=domain.moved(response, "in_progress"))
        answer = await self._gate.post(
            PATH,
            domain.to_ask(response),
            key=response.owner.key,
            headers={"x-request-id": response.id},
            timeout_s=self._settings.answer_s,
        )
        state, body = domain.answered(response, answer)
        await self._changed(response, state=state, body=body)
        return response.id

    async def give_up(self, job_id: str) -> None:
        """End the response of a job that will not be tried again."""
        job = await self._jobs.job(NameJob(id=job_id))
        asked = msgspec.json.decode(job.payload, type=_Payload)
        try:
            response = await self.response(NameResponse(owner=asked.owner, id=asked.response))
        except NotFoundError:
            return
        await self._changed(response, state="failed", body=domain.moved(response, "failed"))

    async def sweep(self) -> None:
        """Forget what has expired, project by project."""
        now = self._clock.now()
        async with self._database.reading() as tx:
            owners = await store.with_expired(tx, now=now, limit=SWEPT)
        for owner in owners:
            async with self._database.transaction() as tx:
                await store.remove(tx, owner, store.expired(now))

    async def _begin(self, owner: Owner) -> None:
        """Count what a project keeps, before the transaction in which others may begin the same."""
        async with self._database.reading() as tx:
            if await store.counted(tx, owner):
                return
        async with self._database.transaction() as tx:
            await store.begin(tx, owner)

    async def _add(self, tx: Transaction, request: StoredResponse, kept: int) -> None:
        """Add a response; raise `LimitedError` when its project has no room for it."""
        most = self._settings.project_bytes
        if kept + domain.size(request) > most:
            raise domain.full(kept=kept, most=most)
        await store.add(tx, request)

    async def _changed(
        self, response: StoredResponse, *, state: ResponseState | None = None, body: str = "", job: str = ""
    ) -> StoredResponse:
        """Write what has changed about a response, unless it has ended in the meantime; return it as it is now."""
        async with self._database.transaction() as tx:
            await store.kept_bytes(tx, response.owner)
            now = await store.hold(tx, response.id)
            if now is None or now.state in FINAL:
                return now or response
            changed = replace(now, state=state or now.state, body=body or now.body, job=job or now.job)
            await store.put(tx, changed, before=now)
        return changed

    async def _get(self, tx: Transaction, request: NameResponse) -> StoredResponse:
        found = await store.find(tx, request.id, request.owner, now=self._clock.now())
        if found is None:
            raise NotFoundError(
                f"no response {request.id[:100]!r} in this project; it was not stored, has expired or was deleted",
                param="response_id",
            )
        return found
