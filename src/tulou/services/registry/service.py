"""The use cases of the registry."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from tulou.chassis.jobs import JobRun
from tulou.chassis.outbox import Outbox
from tulou.chassis.paging import check_limit, page_of
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.jobs.messages import EnqueueJob
from tulou.contracts.registry.events import ALIAS_MOVED, VERSION_PUBLISHED, AliasMoved, VersionPublished
from tulou.contracts.registry.messages import (
    ArtifactFile,
    GetSigningKey,
    ImportModel,
    ImportStarted,
    ListModels,
    ListVersions,
    Model,
    ModelPage,
    NameModel,
    NameVersion,
    PublishVersion,
    RemoveAlias,
    SetAlias,
    Signature,
    SigningKey,
    Task,
    Verification,
    Version,
    VersionPage,
)
from tulou.kernel.clock import Clock
from tulou.kernel.context import CONTEXT
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError
from tulou.kernel.message import Done
from tulou.ports.blobs import Blobs
from tulou.ports.database import Database, Transaction
from tulou.services.registry import domain, store, verification
from tulou.services.registry.importing import Importer
from tulou.services.registry.signing import Signer
from tulou.services.registry.store import ModelRow

IMPORT_JOB = "registry.import"
_RACES = 3
"""How often a publication is tried: another process may make the same model at the same moment, but only once."""


class RegistryService:
    """Models, kept in the database and the blob store; implements `contracts.registry.Registry`."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        *,
        blobs: Blobs,
        signer: Signer,
        jobs: Jobs,
        clock: Clock,
        importer: Importer,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._blobs = blobs
        self._signer = signer
        self._jobs = jobs
        self._clock = clock
        self._importer = importer
        self._holding = asyncio.Lock()  # no blob may be removed between finding it there and publishing it

    async def publish(self, request: PublishVersion) -> Version:
        """Make a version of files in the blob store and sign it; the same digest again is the same version."""
        domain.check_publish(request)
        async with self._holding:
            await self._check_blobs(request.files)
            for _ in range(_RACES):
                try:
                    async with self._database.transaction() as tx:
                        return await self._publish(tx, request)
                except ConflictError:  # another process made this model at the same moment: now it is there
                    continue
        raise ConflictError(f"{request.model} is being published by others all the time; try again")

    async def import_model(self, request: ImportModel) -> ImportStarted:
        """Enqueue an import; raise `InvalidError` at once for a path that is no model."""
        domain.check_model_name(request.model)
        await self._importer.check(request)
        payload = msgspec.json.encode(request).decode()
        job = await self._jobs.enqueue(
            EnqueueJob(kind=IMPORT_JOB, payload=payload, dedup_key=request.model, deadline_s=6 * 3600.0)
        )
        if job.payload != payload:
            raise ConflictError(f"another import of {request.model} is under way: job {job.id}; wait, or cancel it")
        return ImportStarted(job=job.id)

    async def bring_in(self, run: JobRun) -> Version:
        """Do an import that was enqueued: make the files, store them, publish."""
        request = msgspec.json.decode(run.job.payload, type=ImportModel)
        return await self.publish(await self._importer.prepare(request, run))

    async def resolve(self, request: NameVersion) -> Version:
        """Return the version behind a number or alias; raise `NotFoundError` for an unknown name."""
        async with self._database.reading() as tx:
            return await _resolve(tx, request)

    async def model(self, request: NameModel) -> Model:
        """Return a model; raise `NotFoundError` for an unknown name."""
        async with self._database.reading() as tx:
            return await _model(tx, request.model)

    async def models(self, request: ListModels) -> ModelPage:
        """Return a page of models."""
        check_limit(request.limit)
        async with self._database.reading() as tx:
            found = await store.models(tx, request)
        page = page_of(found, request.limit, lambda model: model.name)
        return ModelPage(items=page.items, next=page.next)

    async def versions(self, request: ListVersions) -> VersionPage:
        """Return a page of a model's versions; raise `NotFoundError` for an unknown model."""
        check_limit(request.limit)
        async with self._database.reading() as tx:
            await _model(tx, request.model)
            found = await store.versions(tx, request)
        page = page_of(found, request.limit, lambda version: version.number)
        return VersionPage(items=page.items, next=page.next)

    async def set_alias(self, request: SetAlias) -> Model:
        """Move an alias; raise `NotFoundError` for an unknown version."""
        domain.check_alias(request.alias)
        async with self._database.transaction() as tx:
            await self._hold(tx, request.model, (await _model(tx, request.model)).task)
            await _resolve(tx, NameVersion(model=request.model, reference=str(request.version)))
            await self._move(tx, request.model, request.alias, request.version)
            return await _model(tx, request.model)

    async def remove_alias(self, request: RemoveAlias) -> Done:
        """Take an alias away; raise `NotFoundError` where there is none."""
        async with self._database.transaction() as tx:
            model = await _model(tx, request.model)
            if not await store.remove_alias(tx, request.model, request.alias):
                there = ", ".join(model.aliases) or "none"
                raise NotFoundError(f"{request.model} has no alias {request.alias!r}; it has {there}", param="alias")
            fact = AliasMoved(model=request.model, alias=request.alias, version=None)
            await self._outbox.add(tx, ALIAS_MOVED, fact)
        return Done()

    async def verify(self, request: NameVersion) -> Verification:
        """Read every file again and check digests and signature."""
        version = await self.resolve(request)
        found = await verification.problems(version, self._blobs, self._signer)
        return Verification(model=version.model, version=version.number, valid=not found, problems=tuple(found))

    async def delete_version(self, request: NameVersion) -> Done:
        """Remove a version and files no other version holds; raise `ConflictError` while an alias names it."""
        async with self._holding:
            async with self._database.transaction() as tx:
                await self._hold(tx, request.model, (await _model(tx, request.model)).task)
                version = await _resolve(tx, request)
                if version.aliases:
                    named = ", ".join(version.aliases)
                    raise ConflictError(f"{version.model} {version.number} is named by {named}; move that first")
                await store.remove_version(tx, version.model, version.number)
                await self._follow_latest(tx, version.model, was=version.number)
                blobs = {file.blob for file in version.files}
                unheld = blobs - await store.held_blobs(tx, sorted(blobs))
            for blob in sorted(unheld):
                await self._blobs.delete(blob)
        return Done()

    async def signing_key(self, request: GetSigningKey) -> SigningKey:  # noqa: ARG002 - the contract's shape
        """Return the public key that the house's signatures are checked with."""
        return self._signer.public

    async def _check_blobs(self, files: Iterable[ArtifactFile]) -> None:
        for place, file in enumerate(files):
            facts = await self._blobs.find(file.blob)
            if facts is None or facts.size != file.size:
                there = "is not there" if facts is None else f"has {facts.size} bytes, not {file.size}"
                raise InvalidError(f"{file.name}: the blob {file.blob} {there}", param=f"files[{place}].blob")

    async def _publish(self, tx: Transaction, request: PublishVersion) -> Version:
        row = await self._hold(tx, request.model, request.facts.task)
        if row.task != request.facts.task:
            raise InvalidError(
                f"{request.model} is for {row.task}; publish a model for {request.facts.task} under another name",
                param="facts.task",
            )
        digest = domain.digest_of(request.files)
        twin = await store.find_by_digest(tx, request.model, digest)
        number = twin.number if twin else row.last_number + 1
        description = request.description or row.description
        await store.put_row(tx, replace(row, description=description, last_number=max(number, row.last_number)))
        if twin is None:
            await self._add(tx, request, number=number, digest=digest, now=row.updated_at)
        for alias in request.aliases:
            await self._move(tx, request.model, alias, number)
        return await _resolve(tx, NameVersion(model=request.model, reference=str(number)))

    async def _hold(self, tx: Transaction, model: str, task: Task) -> ModelRow:
        now = self._clock.now()
        fresh = ModelRow(name=model, description="", task=task, last_number=0, created_at=now, updated_at=now)
        return await store.hold_row(tx, fresh)

    async def _add(self, tx: Transaction, request: PublishVersion, *, number: int, digest: str, now: float) -> None:
        payload = domain.statement(request.model, number, request.files)
        envelope = domain.envelope_json(self._signer.sign(payload))
        version = Version(
            model=request.model,
            number=number,
            digest=digest,
            facts=request.facts,
            files=request.files,
            card=request.card,
            lineage=request.lineage,
            created_at=now,
            created_by=CONTEXT.get().author,
        )
        signature = Signature(key_id=self._signer.public.key_id, envelope=envelope, signed_at=now)
        await store.add_version(tx, version, signature)
        fact = VersionPublished(model=request.model, version=number, digest=digest)
        await self._outbox.add(tx, VERSION_PUBLISHED, fact)
        await self._follow_latest(tx, request.model, was=number)

    async def _move(self, tx: Transaction, model: str, alias: str, number: int) -> None:
        if await store.put_alias(tx, model, alias, number, at=self._clock.now()):
            await self._outbox.add(tx, ALIAS_MOVED, AliasMoved(model=model, alias=alias, version=number))

    async def _follow_latest(self, tx: Transaction, name: str, *, was: int) -> None:
        """Publish what `latest` names, after version `was` came or went; that of an older one has not moved it."""
        model = await store.find_model(tx, name)
        newest = model.latest if model else None
        by_hand = model is not None and domain.LATEST in model.aliases
        if not by_hand and (newest is None or newest <= was):
            await self._outbox.add(tx, ALIAS_MOVED, AliasMoved(model=name, alias=domain.LATEST, version=newest))


async def _model(tx: Transaction, name: str) -> Model:
    model = await store.find_model(tx, name)
    if model is None:
        raise NotFoundError(f"no model named {name!r}; `tulou models list` shows those there are", param="model")
    return model


async def _resolve(tx: Transaction, request: NameVersion) -> Version:
    model, reference = await _model(tx, request.model), request.reference
    number = domain.number_in(reference)
    if number is None:  # an alias `latest` that was set by hand, before it was the registry's, still holds
        number = model.aliases.get(reference, model.latest if reference == domain.LATEST else None)
    version = None if number is None else await store.find_version(tx, model.name, number)
    if version is None:
        aliases = ", ".join(f"{alias} ({at})" for alias, at in model.aliases.items()) or "none"
        there = f"its aliases are {aliases}, its latest version is {model.latest}"
        raise NotFoundError(f"{model.name} has no version or alias {reference!r}; {there}", param="reference")
    return version
