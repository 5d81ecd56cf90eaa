"""What only several connections at once can break: claims, numbers, keys of which there may be one."""

import asyncio

from pyotp.totp import TOTP

from tulou.contracts.identity.messages import (
    Authenticate,
    BeginSecondFactor,
    ConfirmSecondFactor,
    CreateKey,
    ListKeys,
    ListSessions,
    NameKey,
    NamePrincipal,
    SignedIn,
)
from tulou.contracts.jobs.messages import EnqueueJob, FinishJob, Job, LeaseJob, ListJobs, NameJob
from tulou.contracts.registry.messages import ListModels, NameModel, NameVersion, SetAlias
from tulou.kernel.errors import UnauthenticatedError
from tulou.services.identity.tests.conftest import service_in
from tulou.services.identity.tests.people import ANA, enter
from tulou.services.jobs.service import JobsService
from tulou.services.jobs.settings import JobsSettings
from tulou.services.jobs.tests.test_crashes import live_through
from tulou.services.registry.tests.conftest import Listed, publication, registry_of
from tulou.testing.house import SmallHouse

QUEUES = 3


def queues(house: SmallHouse) -> list[JobsService]:
    """Return the queue of several control processes over one database."""
    settings = JobsSettings(wait_s=0, keep_finished=3)
    return [JobsService(house.database, house.outbox, clock=house.clock, settings=settings) for _ in range(QUEUES)]


async def test_every_job_ends_and_no_recorded_step_is_repeated(house: SmallHouse) -> None:
    await live_through(house, seed=7)


async def test_runners_of_several_processes_never_get_the_same_job(house: SmallHouse) -> None:
    processes = queues(house)
    made = [await processes[0].enqueue(EnqueueJob(kind="test.work")) for _ in range(24)]
    taken: list[Job] = []

    async def work(queue: JobsService) -> None:
        while leased := await queue.lease(LeaseJob(runner="r", kinds=("test.work",))):
            if leased.job is None:
                return
            taken.append(leased.job)
            await queue.finish(FinishJob(id=leased.job.id, lease=leased.lease))

    await asyncio.gather(*(work(queue) for queue in processes for _ in range(3)))
    assert sorted(job.id for job in taken) == sorted(job.id for job in made)


async def test_the_same_dedup_key_is_one_job_over_processes(house: SmallHouse) -> None:
    once = EnqueueJob(kind="test.work", dedup_key="x")
    jobs = await asyncio.gather(*(queue.enqueue(once) for queue in queues(house) for _ in range(4)))
    assert len({job.id for job in jobs}) == 1
    await queues(house)[0].cancel(NameJob(id=jobs[0].id))
    assert (await queues(house)[0].enqueue(once)).id != jobs[0].id


async def test_old_jobs_are_swept_by_any_process(house: SmallHouse) -> None:
    processes = queues(house)
    for _ in range(5):
        job = await processes[0].enqueue(EnqueueJob(kind="test.work"))
        await processes[0].cancel(NameJob(id=job.id))
    await asyncio.gather(*(queue.sweep() for queue in processes))
    assert len((await processes[0].jobs(ListJobs())).items) == 3


async def test_registries_of_several_processes_give_each_version_its_own_number(house: SmallHouse) -> None:
    registries = [await registry_of(house, jobs=Listed().client()) for _ in range(4)]
    requests = [await publication(house, f"content {n % 8}".encode()) for n in range(16)]
    versions = await asyncio.gather(*(registries[place % 4].publish(request) for place, request in enumerate(requests)))
    assert {version.number for version in versions} == set(range(1, 9))
    model = await registries[0].model(NameModel(model="demo"))
    assert (model.versions, model.latest) == (8, 8)
    assert (await registries[0].models(ListModels())).items == (model,)
    await asyncio.gather(
        *(
            registry.set_alias(SetAlias(model="demo", alias="canary", version=n + 1))
            for n, registry in enumerate(registries)
        )
    )
    assert (await registries[0].verify(NameVersion(model="demo"))).valid


async def test_a_key_revoked_by_one_process_is_refused_by_all_at_once(house: SmallHouse) -> None:
    one, other = (service_in(house) for _ in range(2))
    made = await one.create_key(CreateKey(name="app", scopes=("inference", "admin")))
    assert (await other.authenticate(Authenticate(secret=made.secret))).scopes == ("inference", "admin")
    revoked = await asyncio.gather(*(one.revoke_key(NameKey(id=made.key.id)) for _ in range(3)))
    assert len({key.revoked_at for key in revoked}) == 1
    assert (await other.keys(ListKeys())).items == ()


async def test_processes_that_make_the_same_owner_known_agree_on_them(house: SmallHouse) -> None:
    processes = [service_in(house) for _ in range(4)]
    made = await asyncio.gather(
        *(one.create_key(CreateKey(name="app", principal="bot", scopes=("admin",))) for one in processes)
    )
    assert len({created.key.id for created in made}) == 4
    bot = await processes[0].principal(NamePrincipal(tenant="default", name="bot"))
    assert [binding.role for binding in bot.roles] == ["operator"]


async def test_a_code_opens_one_session_however_many_processes_are_asked(house: SmallHouse) -> None:
    processes = [service_in(house) for _ in range(4)]
    await processes[0].put_principal(ANA)
    begun = await processes[0].begin_second_factor(BeginSecondFactor(tenant="default", principal="ana"))
    totp = TOTP(begun.secret)
    confirm = ConfirmSecondFactor(tenant="default", principal="ana", code=totp.at(int(house.clock.now())))
    recovery = (await processes[0].confirm_second_factor(confirm)).codes[0]
    house.clock.advance(30)
    for code in (totp.at(int(house.clock.now())), recovery):
        tries = [enter(one, code=code) for one in processes]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(result, SignedIn) for result in results) == 1
        assert sum(isinstance(result, UnauthenticatedError) for result in results) == 3
    assert len((await processes[0].sessions(ListSessions(tenant="default", principal="ana"))).items) == 2
