"""Look at one place outside: find out how it is reached, ask whether it answers, and say what it is as a replica."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from tulou.contracts.discovery.messages import Replica, ReplicaCredential
from tulou.contracts.serving.messages import UpstreamTarget
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.events import CredentialSuspected
from tulou.contracts.upstreams.messages import OpenUpstream, Provider, ReportCredential
from tulou.kernel.errors import InvalidError, TulouError, UnavailableError
from tulou.ports.credentials import Credentials
from tulou.ports.prober import Prober
from tulou.rules.routing.patterns import is_pattern
from tulou.services.serving.domain.outside import address_of, probe_of
from tulou.services.serving.service.listing import VendorModels

UNAUTHORIZED = 401
FORBIDDEN = 403
REFUSED = 400
DOUBTFUL = frozenset({400, 402, 403})
"""What the probe meets with a credential that is over, at some vendors; and with one that may infer and not list."""
BROKEN = 500
PROBER = "the probe"
NOT_SENT = "x-aws-"
"""Headers of credentials that requests are signed with begin so; they are never sent."""
COMPATIBLE = Provider(name="openai-compatible", title="An address", base_url="", auth="none", max_tokens_field="")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UpstreamPlace:
    """One upstream as a replica."""

    replica: str
    deployment: str
    generation: int
    concurrency: int
    upstream: UpstreamTarget


class UpstreamProbes:
    """Asks nothing that costs money: a list of models, or no more than a connection."""

    def __init__(
        self, upstreams: Upstreams, prober: Prober, credentials: Credentials, *, models: VendorModels, timeout_s: float
    ) -> None:
        self._upstreams = upstreams
        self._prober = prober
        self._credentials = credentials
        self._timeout_s = timeout_s
        self.models = models
        self._listed: dict[str, dict[str, bool]] = {}
        """By account and credential: whether the probe has been answered well with it; unknown ones are not there."""

    async def look(self, place: UpstreamPlace) -> Replica:
        """Return the replica; raise `InvalidError` when it cannot be called so, `UnavailableError` for no answer."""
        if place.upstream.upstream:
            return await self._account(place)
        return await self._address(place)

    async def _address(self, place: UpstreamPlace) -> Replica:
        upstream = place.upstream
        headers: tuple[tuple[str, str], ...] = ()
        if upstream.secret:
            secret = await self._credentials.reveal(upstream.secret)
            headers = (("authorization", f"Bearer {secret}"),)
        provider = replace(COMPATIBLE, base_url=upstream.base_url)
        replica = replica_of(place, provider, headers=headers)
        status = await self._ask(provider, replica, {})
        if status in (UNAUTHORIZED, FORBIDDEN):
            raise InvalidError(f"credential refused ({status})")
        return await self._with_models(replica, provider, {})

    async def _account(self, place: UpstreamPlace) -> Replica:
        opened = await self._upstreams.open(OpenUpstream(name=place.upstream.upstream, model=place.upstream.model))
        credentials = tuple(ReplicaCredential(id=one.id, headers=one.headers) for one in opened.credentials)
        replica = replica_of(place, opened.provider, headers=opened.headers, credentials=credentials)
        if not credentials:
            if await self._ask(opened.provider, replica, {}) == UNAUTHORIZED:
                raise InvalidError(f"upstream {place.upstream.upstream!r} asks for a credential; add one")
            return await self._with_models(replica, opened.provider, {})
        accepted = await self._accepted(place.upstream.upstream, opened.provider, replica)
        found = replace(replica, credentials=accepted)
        return await self._with_models(found, opened.provider, _sent(accepted[0]))

    async def _with_models(self, replica: Replica, provider: Provider, credential: Mapping[str, str]) -> Replica:
        """Return a replica for many models with the names that its vendor lists."""
        if not is_pattern(replica.upstream_model):
            return replica
        headers = {**dict(replica.headers), **credential}
        return replace(replica, models=await self.models.of(replica.id, replica.upstream_model, provider, headers))

    async def _accepted(self, account: str, provider: Provider, replica: Replica) -> tuple[ReplicaCredential, ...]:
        """Return the credentials without those that a vendor refuses, which are retired.

        Asks until one is taken, and with each that is new. A 403 proves nothing here: there are keys that may infer and
        not list models; what it was at first tells whether a later one means something.
        """
        known = self._listed.get(account, {})
        seen: dict[str, bool] = {}
        accepted: list[ReplicaCredential] = []
        for credential in replica.credentials:
            if not accepted or credential.id not in known:
                try:
                    status = await self._ask(provider, replica, _sent(credential))
                except UnavailableError:
                    if not accepted:
                        raise
                else:
                    if status == UNAUTHORIZED:
                        await self._retire(credential.id, status)
                        continue
                    seen[credential.id] = status < REFUSED or known.get(credential.id, False)
            accepted.append(credential)
        ids = {one.id for one in accepted}
        self._listed[account] = {id_: listed for id_, listed in (known | seen).items() if id_ in ids}
        if not accepted:
            raise InvalidError(f"every credential was refused ({UNAUTHORIZED}); add another")
        return tuple(accepted)

    async def examine(self, place: UpstreamPlace, suspected: CredentialSuspected) -> None:
        """Retire a credential that a request was refused with by 401, or by what the probe meets too.

        A 401 is about the credential and nothing else; a probe that passes disproves nothing, since there are vendors
        that list their models to anybody. Where a vendor answers nothing for free, words that name the credential do.
        """
        if suspected.status == UNAUTHORIZED:
            await self._retire(suspected.credential, suspected.status)
            return
        account, id_ = place.upstream.upstream, suspected.credential
        opened = await self._upstreams.open(OpenUpstream(name=account, model=place.upstream.model))
        found = [one for one in opened.credentials if one.id == id_]
        if not found:
            return
        credential = ReplicaCredential(id=id_, headers=found[0].headers)
        replica = replica_of(place, opened.provider, headers=opened.headers, credentials=(credential,))
        if not probe_of(opened.provider):
            if suspected.named:
                await self._retire(id_, suspected.status)
            return
        status = await self._ask(opened.provider, replica, _sent(credential))
        listed = self._listed.get(account, {}).get(id_, False)
        if status == UNAUTHORIZED or (status in DOUBTFUL and (listed or not suspected.served)):
            await self._retire(id_, status)
        else:
            log.info("credential_cleared", id=id_, upstream=account, status=status, refused_with=suspected.status)

    async def _ask(self, provider: Provider, replica: Replica, credential: Mapping[str, str]) -> int:
        """Return the status of the answer, 0 for a connection alone."""
        url = probe_of(provider)
        if not url:
            await self._prober.connect(provider.base_url, timeout_s=self._timeout_s)
            return 0
        status = await self._prober.probe(
            url, headers={**dict(replica.headers), **credential}, timeout_s=self._timeout_s
        )
        if status >= BROKEN:
            raise UnavailableError(f"answers with {status}")
        return status

    async def _retire(self, credential: str, status: int) -> None:
        report = ReportCredential(id=credential, outcome="refused", status=status, gateway=PROBER, probed=True)
        try:
            await self._upstreams.report_credential(report)
        except TulouError as error:
            log.warning("credential_not_reported", id=report.id, error=str(error))


def _sent(credential: ReplicaCredential) -> Mapping[str, str]:
    """Return the headers of a credential that may be sent."""
    return {name: value for name, value in credential.headers if not name.startswith(NOT_SENT)}


def replica_of(
    place: UpstreamPlace,
    provider: Provider,
    *,
    headers: tuple[tuple[str, str], ...],
    credentials: tuple[ReplicaCredential, ...] = (),
) -> Replica:
    """Return a place as discovery and the gateways know it."""
    url, paths = address_of(provider.base_url, provider.dialect, provider.paths)
    return Replica(
        id=place.replica,
        deployment=place.deployment,
        generation=place.generation,
        url=url,
        headers=headers,
        upstream_model=place.upstream.model,
        weight=place.upstream.weight,
        concurrency=place.concurrency,
        place=provider.base_url,
        named_tools=provider.named_tools,
        provider=provider.name,
        dialect=provider.dialect,
        capabilities=provider.capabilities,
        paths=tuple(paths.items()),
        credentials=credentials,
        signing="aws" if provider.auth == "aws" else "",
        max_tokens_field=provider.max_tokens_field,
        defaults=place.upstream.defaults,
        extra_body={**provider.extra_body, **place.upstream.extra_body},
        omit=provider.omit,
        deadlines=place.upstream.deadlines,
        developer_role=provider.developer_role,
    )
