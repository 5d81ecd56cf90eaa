"""The control process: every service of the control plane behind one address, and what keeps them going."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry

from tulou.assembly.catalogue import CATALOGUE, CONTROL
from tulou.assembly.claims import listen as listen_at
from tulou.assembly.environment import ProcessEnvironment
from tulou.assembly.first_start import FirstStart
from tulou.assembly.heartbeat import beating
from tulou.assembly.listening import listen
from tulou.assembly.opened import Opened
from tulou.assembly.owner import ensure_owner
from tulou.assembly.reference import settings_of, tables
from tulou.assembly.remote import locator, shared_address
from tulou.assembly.sealed import SEALED
from tulou.assembly.seeds import seeds
from tulou.assembly.stopping import stop_asked
from tulou.assembly.supervisor import control_address
from tulou.assembly.things import control_things
from tulou.assembly.vault import vault_routes, warn_of_lost_keys
from tulou.assembly.web import control_app
from tulou.assembly.wiring import Assembled, assemble, component
from tulou.chassis.actors import MISSING
from tulou.chassis.clients import client_of
from tulou.chassis.collector import calm_collector
from tulou.chassis.house import House
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.chassis.recording import Recording
from tulou.chassis.runner import JobRunner
from tulou.chassis.telemetry.logs import open_logs
from tulou.chassis.telemetry.metrics import report_forever
from tulou.contracts.governance.api import Governance
from tulou.contracts.identity.api import Identity
from tulou.contracts.jobs.api import Jobs
from tulou.contracts.observability.api import Observability
from tulou.contracts.registry.api import Registry
from tulou.contracts.serving.api import Serving
from tulou.http.server.descriptors import raise_descriptors
from tulou.http.server.server import serve
from tulou.kernel.clock import Clock
from tulou.kernel.context import as_house
from tulou.ports.blobs import Blobs
from tulou.ports.database import Database
from tulou.ports.events import Events
from tulou.ports.master_key import MasterKey
from tulou.ports.secrets import Secrets


async def run_control(around: ProcessEnvironment, only: Sequence[str]) -> None:
    """Serve until asked to stop; `only` names the services to run here, none means all of the control plane."""
    stop = stop_asked(around.lifeline_fd)
    name = "-".join(only) or "control"
    async with AsyncExitStack() as stack:
        logs = open_logs(around.directory / "log", process=name, level=around.house.log_level)
        stack.callback(logs.close)
        around.settings.check_tables(tables())
        around.settings.check_remotes(CATALOGUE)
        targets = tuple(only) or CONTROL
        parts = [component({known: CATALOGUE[known] for known in CONTROL}, target) for target in targets]
        listening = _listening(around, targets)
        stack.callback(listening.close)
        things = await control_things(around, name, {need for part in parts for need in part.needs}, stack)
        await things[Database].migrate([MIGRATIONS, *(part.migrations for part in parts if part.migrations)])
        locate = await locator(around, things[House], stack)
        things[CollectorRegistry].register(MISSING)
        with as_house("control starts"):
            recording = Recording(things[Clock])
            if "governance" not in targets:
                recording.record = client_of(Governance, locate("governance")).record
            assembled = await assemble(
                CATALOGUE,
                targets,
                stack=stack,
                things=things.all | settings_of(around),
                locate=locate,
                bind=recording.bind,
            )
            if "identity" in assembled.services:
                await ensure_owner(assembled.provided[Identity], things[Secrets])
        first = _first_start(around, assembled, things)
        vault = vault_routes(things[Database], things[MasterKey])
        app = control_app(CATALOGUE, assembled, first_start=first, vault=vault, token=things[House].token)
        raise_descriptors()
        calm_collector()  # at the end, too: it would look through all the routes and their types for most of a second
        stack.push_async_callback(recording.close)  # before all services: the trail is one of them
        async with _background(name, assembled, things, first, recording), beating(around):
            await serve(app, [listening], stop=stop, drain_s=around.house.drain_s)


def _listening(around: ProcessEnvironment, targets: Sequence[str]) -> socket.socket:
    """Take the socket that the supervisor holds, so that callers wait through a restart; else open our own."""
    if around.control_fd is not None:
        return socket.socket(fileno=around.control_fd)
    host, port = control_address(shared_address(around, targets))
    return listen_at(around.house.control_host or host, port)


def _first_start(around: ProcessEnvironment, assembled: Assembled, things: Opened) -> FirstStart:
    provided = assembled.provided
    wanted = seeds() if around.house.demo and "serving" in assembled.services else []
    return FirstStart(
        provided[Registry],
        provided[Serving],
        provided[Jobs],
        things[Blobs],
        identity=provided[Identity],
        seeds=wanted,
    )


@asynccontextmanager
async def _background(
    name: str, assembled: Assembled, things: Opened, first: FirstStart, recording: Recording
) -> AsyncGenerator[None]:
    """Keep facts, jobs and metrics moving while the block runs; a failure of any of them ends the process."""
    handlers = {part: _handlers(part, service) for part, service in assembled.services.items()}
    provided = assembled.provided
    async with asyncio.TaskGroup() as group:
        tasks: list[asyncio.Task[None]] = []
        for part, handler in handlers.items():  # before the relay: a fact that nobody listens to is gone
            if topics := _topics(part, handler):
                begun = CATALOGUE[part].listening
                listening = listen(things[Events], part, topics, partial(begun, handler) if begun else None)
                tasks.append(group.create_task(listening))
        endless = {
            "facts are relayed": [things[Outbox].relay(things[Events])],
            "jobs are run": [runner.run() for runner in _runners(name, handlers, provided[Jobs])],
            "the first start": [first.run()],
            "failures are summed up": [recording.run()],
            "what was left is looked at": _looks(assembled, things),
            "metrics are reported": [
                report_forever(provided[Observability], source=name, kind="control", registry=things[CollectorRegistry])
            ],
        }
        for reason, work in endless.items():
            with as_house(reason):
                tasks += [group.create_task(one) for one in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _looks(assembled: Assembled, things: Opened) -> list[Coroutine[None, None, None]]:
    """Return what is looked at once after a start, where all tables are that it is about."""
    whole = all(part.name in assembled.services for part in SEALED)
    return [warn_of_lost_keys(things[Database], things[MasterKey])] if whole else []


def _runners(name: str, handlers: Mapping[str, object], jobs: Jobs) -> list[JobRunner]:
    """Return a runner for each service whose jobs take long, and one for those of all others."""
    own = {part for part in handlers if CATALOGUE[part].job_slots}
    short = {kind: job for part in handlers.keys() - own for kind, job in _jobs(part, handlers[part]).items()}
    runners = [JobRunner(jobs, short, name=name)]
    for part in sorted(own):
        slots = CATALOGUE[part].job_slots
        runners.append(JobRunner(jobs, _jobs(part, handlers[part]), name=f"{name}-{part}", slots=slots))
    return runners


def _jobs(part: str, handler: object) -> Mapping[str, Any]:
    return {kind: partial(method, handler) for kind, method in CATALOGUE[part].jobs.items()}


def _handlers(part: str, service: object) -> object:
    make = CATALOGUE[part].handlers
    return make(service) if make else service


def _topics(part: str, handler: object) -> Mapping[str, Any]:
    return {topic: partial(method, handler) for topic, method in CATALOGUE[part].topics.items()}
