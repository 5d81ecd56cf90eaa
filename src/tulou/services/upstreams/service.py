"""The use cases of the upstreams service."""

import asyncio
from collections.abc import Mapping

import structlog

from tulou.chassis.outbox import Outbox
from tulou.chassis.strict import nearest
from tulou.chassis.validation import rejections
from tulou.contracts.upstreams.events import (
    CREDENTIAL_SUSPECTED,
    UPSTREAM_CHANGED,
    CredentialSuspected,
    UpstreamChanged,
)
from tulou.contracts.upstreams.messages import (
    AddCredential,
    Credential,
    DeletedCredentials,
    ListDeletedCredentials,
    ListProviders,
    ListUpstreams,
    NameCredential,
    NameUpstream,
    OpenedUpstream,
    OpenUpstream,
    Provider,
    ProviderList,
    ReportCredential,
    RestoreCredentials,
    Upstream,
    UpstreamList,
    UpstreamSpec,
    ValidateUpstreams,
)
from tulou.kernel.clock import Clock
from tulou.kernel.errors import InvalidError, LimitedError, NotFoundError
from tulou.kernel.ids import new_id
from tulou.kernel.message import Done, Rejection, Rejections
from tulou.ports.database import Database, Transaction
from tulou.services.upstreams import store
from tulou.services.upstreams.deletions import CredentialDeletions
from tulou.services.upstreams.domain.checks import check_credential, check_spec, clean_secret
from tulou.services.upstreams.domain.effective import effective
from tulou.services.upstreams.domain.service_account import is_service_account, parse, signing_key
from tulou.services.upstreams.secrecy import SecretStorage
from tulou.services.upstreams.settings import UpstreamsSettings
from tulou.services.upstreams.store import StoredCredential, StoredUpstream
from tulou.services.upstreams.suspicions import Suspicions

REST_MOST_S = 3600.0
UNAUTHORIZED = 401
GATEWAY_CAP = 100

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class UpstreamsService:
    """Upstreams, kept in the database; implements `contracts.upstreams.Upstreams`."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        secrecy: SecretStorage,
        *,
        providers: Mapping[str, Provider],
        clock: Clock,
        settings: UpstreamsSettings,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._secrecy = secrecy
        self._providers = providers
        self._clock = clock
        self._settings = settings
        self._suspicions = Suspicions(settings.suspect_s)
        self.deletions = CredentialDeletions(database, outbox, clock=clock, settings=settings)

    async def providers(self, request: ListProviders) -> ProviderList:
        """Return the vendors that are known, as data."""
        del request
        return ProviderList(items=tuple(self._providers.values()))

    async def upstreams(self, request: ListUpstreams) -> UpstreamList:
        """Return all upstreams; no secret is in the reply."""
        del request
        async with self._database.reading() as tx:
            found, credentials = await store.upstreams(tx), await store.credentials(tx)
        by_name: dict[str, list[StoredCredential]] = {one.spec.name: [] for one in found}
        for credential in credentials:
            by_name.get(credential.upstream, []).append(credential)
        return UpstreamList(items=tuple([await self._shown(one.spec, by_name[one.spec.name]) for one in found]))

    async def upstream(self, request: NameUpstream) -> Upstream:
        """Return one; raise `NotFoundError` for an unknown name."""
        async with self._database.reading() as tx:
            stored = await _get(tx, request.name)
            credentials = await store.credentials(tx, request.name)
        return await self._shown(stored.spec, list(credentials))

    async def put_upstream(self, request: UpstreamSpec) -> Upstream:
        """Make or replace an upstream; its credentials stay."""
        self._check(request)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            stored = await store.find(tx, request.name)
            if stored is None:
                await self._check_room(tx)
                await store.add(tx, request, at=now)
                await self._tell(tx, request.name)
            elif stored.spec != request:
                await store.change(tx, request)
                await self._changed(tx, request.name)
        return await self.upstream(NameUpstream(name=request.name))

    async def validate_upstreams(self, request: ValidateUpstreams) -> Rejections:
        """Say which accounts and credentials would be refused, and why."""
        found = rejections(((spec.name, spec) for spec in request.items), self._check)
        proofs = rejections(((one.upstream, one) for one in request.credentials), check_credential)
        most = self._settings.max_upstreams
        full = Rejection(
            name="",
            why=f"there would be {request.total} upstreams, of {most} ([upstreams] max_upstreams)",
            code=LimitedError.code,
        )
        return Rejections(items=(*found.items, *proofs.items, *([full] if request.total > most else ())))

    def _check(self, spec: UpstreamSpec) -> None:
        check_spec(spec)
        effective(self._provider(spec), spec)

    async def delete_upstream(self, request: NameUpstream) -> Done:
        """Remove an upstream and its credentials; sealed ones may come back for a while."""
        async with self._database.transaction() as tx:
            await _get(tx, request.name)
            await store.remove(tx, request.name, at=self._clock.now())
            await self._tell(tx, request.name)
        return Done()

    async def add_credential(self, request: AddCredential) -> Credential:
        """Seal and keep a credential, or replace the one of that name."""
        check_credential(request)
        stored = await self._secrecy.keep(request, id_=new_id("cred"), now=self._clock.now())
        async with self._database.transaction() as tx:
            await self._check_kind(await _get(tx, request.upstream), request.secret)
            others = [one for one in await store.credentials(tx, request.upstream) if one.name != request.name]
            if len(others) >= self._settings.max_credentials:
                most = self._settings.max_credentials
                raise LimitedError(f"{request.upstream!r} has {most} credentials already ([upstreams] max_credentials)")
            await store.put_credential(tx, stored)
            await self._changed(tx, request.upstream)
        return await self._secrecy.shown(stored, now=self._clock.now())

    async def revive_credential(self, request: NameCredential) -> Credential:
        """Use a retired credential again."""
        async with self._database.transaction() as tx:
            stored = await _get_credential(tx, request.id)
            if await store.revive(tx, request.id, at=self._clock.now()):
                await self._changed(tx, stored.upstream)
            stored = await _get_credential(tx, request.id)
        return await self._secrecy.shown(stored, now=self._clock.now())

    async def delete_credential(self, request: NameCredential) -> Done:
        """Use a credential no more; a sealed one may come back for a while."""
        async with self._database.transaction() as tx:
            stored = await _get_credential(tx, request.id)
            await store.remove_credential(tx, request.id, at=self._clock.now())
            await self._changed(tx, stored.upstream)
        return Done()

    async def deleted_credentials(self, request: ListDeletedCredentials) -> DeletedCredentials:
        """Return sealed credentials that were deleted and may come back."""
        return await self.deletions.listed(request)

    async def restore_credentials(self, request: RestoreCredentials) -> DeletedCredentials:
        """Bring deleted credentials back, in the state that they had; return those that came."""
        return await self.deletions.restore(request)

    async def report_credential(self, request: ReportCredential) -> Done:
        """Retire a credential that the probe found refused, suspect one that a request did; let a limited one rest.

        A credential that is not there any more was replaced or deleted while the report was on its way.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            stored = await store.find_credential(tx, request.id)
            if stored is None:
                return Done()
            if request.outcome == "limited":
                await store.cool(tx, stored.id, why=_why(request), until=now + self._rest_s(request), at=now)
            elif not request.probed:
                await self._suspect(tx, stored, request)
            elif await store.retire(tx, stored.id, why=_why(request), at=now):
                await self._changed(tx, stored.upstream)
                log.warning("credential_retired", upstream=stored.upstream, id=stored.id, status=request.status)
        return Done()

    async def open(self, request: OpenUpstream) -> OpenedUpstream:
        """Return address and opened credentials, for serving alone; never offered over REST.

        Credentials that cool are among them: gateways know best for how long, and tell callers when to come back.
        """
        async with self._database.reading() as tx:
            stored = await _get(tx, request.name)
            credentials = await store.credentials(tx, request.name)
        provider = effective(self._provider(stored.spec), stored.spec)
        opened = await self._secrecy.open(provider, stored.spec, credentials)
        return OpenedUpstream(
            provider=provider,
            base_url=provider.base_url,
            headers=provider.headers,
            credentials=opened,
            revision=stored.revision,
        )

    def _provider(self, spec: UpstreamSpec) -> Provider:
        if spec.provider not in self._providers:
            raise InvalidError(
                f"no provider {spec.provider!r}{nearest(spec.provider, list(self._providers))}", param="provider"
            )
        return self._providers[spec.provider]

    async def _shown(self, spec: UpstreamSpec, credentials: list[StoredCredential]) -> Upstream:
        now = self._clock.now()
        shown = [await self._secrecy.shown(one, now=now) for one in credentials]
        try:
            provider = effective(self._provider(spec), spec)
        except InvalidError as error:  # the house's file of providers has changed since
            provider = Provider(name=spec.provider, title=f"unusable: {error}", base_url=spec.base_url or "")
        return Upstream(spec=spec, provider=provider, credentials=tuple(shown))

    async def _check_kind(self, stored: StoredUpstream, secret: str) -> None:
        """Raise `InvalidError` for a secret that cannot be one of the upstream's, while it is known what was given."""
        if effective(self._provider(stored.spec), stored.spec).auth == "google" and is_service_account(secret.strip()):
            await asyncio.to_thread(signing_key, parse(clean_secret(secret)))

    async def _check_room(self, tx: Transaction) -> None:
        most = self._settings.max_upstreams
        if await store.count(tx) >= most:
            raise LimitedError(f"there are {most} upstreams already ([upstreams] max_upstreams); remove some")

    async def _suspect(self, tx: Transaction, stored: StoredCredential, request: ReportCredential) -> None:
        """Have the probe find out, now and then: requests that are refused must not become a flood of probes."""
        if stored.state == "retired" or not self._suspicions.due(stored.id, self._clock.monotonic()):
            return
        if request.status == UNAUTHORIZED and self._secrecy.renew(stored.id):
            await self._changed(tx, stored.upstream)
            log.info("access_token_refused", upstream=stored.upstream, id=stored.id)
            return
        suspected = CredentialSuspected(
            name=stored.upstream,
            credential=stored.id,
            status=request.status,
            served=request.served,
            named=request.named,
        )
        await self._outbox.add(tx, CREDENTIAL_SUSPECTED, suspected)
        log.info("credential_suspected", upstream=stored.upstream, id=stored.id, status=request.status)

    def _rest_s(self, request: ReportCredential) -> float:
        return min(max(request.retry_after_s or self._settings.rest_s, 0.0), REST_MOST_S)

    async def _changed(self, tx: Transaction, name: str) -> None:
        await store.touch(tx, name, at=self._clock.now())
        await self._tell(tx, name)

    async def _tell(self, tx: Transaction, name: str) -> None:
        await self._outbox.add(tx, UPSTREAM_CHANGED, UpstreamChanged(name=name))


def _why(request: ReportCredential) -> str:
    by = f" to {request.gateway[:GATEWAY_CAP]}" if request.gateway else ""
    return f"the vendor answered {request.status}{by}"


async def _get(tx: Transaction, name: str) -> StoredUpstream:
    stored = await store.find(tx, name)
    if stored is None:
        raise NotFoundError(f"no upstream named {name!r}; `tulou upstreams list` shows those there are", param="name")
    return stored


async def _get_credential(tx: Transaction, credential: str) -> StoredCredential:
    stored = await store.find_credential(tx, credential)
    if stored is None:
        raise NotFoundError(f"no credential {credential!r}; `tulou credentials list` shows those there are", param="id")
    return stored
