"""What a plan does beyond the document: what ends or goes with what is deleted, and what comes back by a rollback."""

from collections.abc import Iterable, Sequence

from tulou.chassis.cascade import RemovedResource
from tulou.contracts.identity.api import Identity
from tulou.contracts.identity.deletions import DeletedPrincipal, ListDeleted, ListErased
from tulou.contracts.identity.messages import ListKeys, ListSessions, NamePrincipal
from tulou.contracts.upstreams.api import Upstreams
from tulou.contracts.upstreams.messages import (
    Credential,
    DeletedCredential,
    ListDeletedCredentials,
    NameUpstream,
    RestoreCredentials,
)
from tulou.kernel.context import as_house
from tulou.kernel.errors import NotFoundError
from tulou.services.configuration.domain.difference import Step
from tulou.services.configuration.domain.document import Resources

PAGE = 500
ASKED_CAP = 200
"""Deletions that are looked into one by one; of more of them the plan names what goes without counting it."""


class ImpactReview:
    """Asks the owners of what no document holds: keys, sessions, passwords, sealed credentials."""

    def __init__(self, identity: Identity, upstreams: Upstreams) -> None:
        self._identity = identity
        self._upstreams = upstreams

    async def of_deletions(self, steps: Sequence[Step]) -> Sequence[str]:
        """Return a line for each deletion that takes more along than the document says."""
        found: list[str] = []
        deletions = [step for step in steps if step.kind == "delete"]
        with as_house("a plan tells what goes along"):
            for place, step in enumerate(deletions):
                if what := await self._goes(step, counted=place < ASKED_CAP):
                    found.append(f"{step}: {what}")
        return found

    async def of_return(self, steps: Sequence[Step], wanted: Resources, *, at: float) -> Sequence[str]:
        """Return a line for each thing that comes back with a rollback to a time, beyond what the document says."""
        with as_house("a plan tells what goes along"):
            former = await self._former(at)
            credentials = await self._credentials(steps, wanted, at=at)
        lines = [_comes(step, former.get(step.name)) for step in steps if _is_made(step, "principals")]
        back = (f"credential {one.name!r} of upstream {one.upstream!r}: it comes back as it was" for one in credentials)
        return [*lines, *back]

    async def erased(self, names: Iterable[str], *, at: float) -> Sequence[str]:
        """Return which principals were erased since a time: they stay gone."""
        asked = tuple(names)
        return (await self._identity.erased(ListErased(names=asked, since=at))).names if asked else ()

    async def restore_credentials(
        self, steps: Sequence[Step], wanted: Resources, *, at: float
    ) -> Sequence[RemovedResource]:
        """Bring back what was deleted of accounts that stayed; return that."""
        came: list[RemovedResource] = []
        with as_house("a rollback brings credentials back"):
            for name in dict.fromkeys(one.upstream for one in await self._credentials(steps, wanted, at=at)):
                back = await self._upstreams.restore_credentials(RestoreCredentials(upstream=name, since=at))
                came += [_credential(one.id, one.upstream, one.name, made=True) for one in back.items]
        return came

    async def credentials_of(self, steps: Sequence[Step]) -> Sequence[RemovedResource]:
        """Return the credentials that go with accounts that are deleted."""
        gone = [step.name for step in steps if step.kind == "delete" and step.section == "upstreams"]
        with as_house("a plan tells what goes along"):
            return [_credential(one.id, name, one.name, made=False) for name in gone for one in await self._kept(name)]

    async def _goes(self, step: Step, *, counted: bool) -> str:
        match step.section:
            case "principals":
                known = await self._of_principal(step.name) if counted else ""
                return known or "its keys end; password and sessions go for ever"
            case "upstreams":
                sealed = sum(not one.reference for one in await self._kept(step.name))
                return (
                    f"{sealed} sealed credentials go with it, and come back by a rollback for a while" if sealed else ""
                )
            case _:
                return ""

    async def _of_principal(self, place: str) -> str:
        tenant, _, name = place.partition("/")
        asked = ListKeys(tenant=tenant, principal=name, limit=PAGE)
        keys = len((await self._identity.keys(asked)).items)
        sessions = len((await self._identity.sessions(ListSessions(tenant=tenant, principal=name))).items)
        lost = [f"{sessions} sessions"] if sessions else []
        try:
            person = await self._identity.principal(NamePrincipal(tenant=tenant, name=name))
        except NotFoundError:
            return ""
        lost += [words for has, words in _proofs(person.has_password, person.has_second_factor) if has]
        ends = (
            f"{keys} keys end at once, and come back disabled by a rollback for a while" if keys else "it has no keys"
        )
        return ends + (f"; {', '.join(lost)} do not come back" if lost else "")

    async def _former(self, at: float) -> dict[str, DeletedPrincipal]:
        """Return those who may come back, for each name the one who had it at a time."""
        found = (await self._identity.deleted(ListDeleted(since=at, limit=PAGE))).items
        return {f"{one.tenant}/{one.name}": one for one in found}  # the last is the first that was deleted since

    async def _credentials(self, steps: Sequence[Step], wanted: Resources, *, at: float) -> Sequence[DeletedCredential]:
        """Return deleted credentials of accounts that are wanted and there, or are made, each name once."""
        made = {step.name for step in steps if _is_made(step, "upstreams")}
        there = {name: {one.name for one in await self._kept(name)} for name in wanted.get("upstreams", {})}
        deleted = (await self._upstreams.deleted_credentials(ListDeletedCredentials(since=at))).items
        named = {(one.upstream, one.name): one for one in reversed(deleted) if one.upstream in {*made, *there}}
        return [one for (upstream, name), one in named.items() if name not in there.get(upstream, ())]

    async def _kept(self, name: str) -> Sequence[Credential]:
        try:
            return (await self._upstreams.upstream(NameUpstream(name=name))).credentials
        except NotFoundError:
            return ()


def _is_made(step: Step, section: str) -> bool:
    return step.kind == "create" and step.section == section


def _comes(step: Step, former: DeletedPrincipal | None) -> str:
    if former is None:
        return f"{step}: it comes back without keys, which are not kept any more"
    keys = f"{former.keys} keys, disabled until somebody enables them" if former.keys else "no keys"
    password = "; a person needs a new password" if former.kind == "user" else ""
    return f"{step}: it comes back with {keys}{password}"


def _proofs(password: bool, factor: bool) -> Sequence[tuple[bool, str]]:  # noqa: FBT001 - two facts of one principal
    return ((password, "its password"), (factor, "its second factor"))


def _credential(id_: str, upstream: str, name: str, *, made: bool) -> RemovedResource:
    detail = {"upstream": upstream, "name": name}
    return RemovedResource(noun="credentials", name=id_, way="create" if made else "delete", detail=detail)
