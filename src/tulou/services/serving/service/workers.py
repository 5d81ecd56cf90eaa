"""Start and end workers without holding up the loop."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Mapping
from collections.abc import Set as AbstractSet

import structlog

from tulou.chassis.house import House
from tulou.kernel.errors import ConflictError, InvalidError, NotFoundError, TulouError
from tulou.ports.launcher import Launcher, WorkerSpec
from tulou.services.serving.domain.plans import StoredDeployment
from tulou.services.serving.domain.values import KeptReplica, StartRefusal
from tulou.services.serving.service.verification import ArtifactVerification

STOP_MARGIN_S = 30.0
"""How much longer than its grace an end may take before it is tried again."""

log = structlog.get_logger()


class WorkerOperations:
    """At most one thing is done to a replica at a time; an end takes the place of a start."""

    def __init__(
        self, launcher: Launcher, verification: ArtifactVerification, *, house: House, done: Callable[[], None]
    ) -> None:
        self._launcher = launcher
        self._verification = verification
        self._house = house
        self._done = done
        self._starts: dict[str, asyncio.Task[None]] = {}
        self._stops: dict[str, asyncio.Task[None]] = {}
        self._refusals: dict[str, StartRefusal] = {}

    def busy(self) -> AbstractSet[str]:
        """Return the replicas that are being started or ended."""
        return {*self._starts, *self._stops}

    def refusals(self) -> Mapping[str, StartRefusal]:
        """Return why starts came to nothing."""
        return self._refusals

    def start(self, kept: KeptReplica, stored: StoredDeployment, *, within_s: float) -> None:
        """Verify the model, then launch a worker."""
        if kept.id not in self.busy():
            self._refusals.pop(kept.id, None)
            self._begin(self._starts, kept.id, self._start(kept, stored, within_s))

    def stop(self, replica: str, *, grace_s: float) -> None:
        """End a worker, and whatever is being done to start it."""
        if replica in self._stops:
            return
        starting = self._starts.pop(replica, None)
        if starting is not None:
            starting.cancel()
        self._begin(self._stops, replica, self._stop(replica, grace_s))

    async def settled(self, *, within_s: float) -> None:
        """Wait until nothing is being done, or until the time is over."""
        if tasks := [*self._starts.values(), *self._stops.values()]:
            await asyncio.wait(tasks, timeout=within_s)

    def forget(self, known: AbstractSet[str]) -> None:
        """Forget what was refused to replicas that nobody keeps any more."""
        for replica in self._refusals.keys() - known:
            del self._refusals[replica]

    async def close(self) -> None:
        """Leave everything as it is; the next life goes on from what is kept."""
        tasks = [*self._starts.values(), *self._stops.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, tasks: dict[str, asyncio.Task[None]], replica: str, work: Coroutine[None, None, None]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            if tasks.get(replica) is task:
                del tasks[replica]
            self._done()

        tasks[replica] = asyncio.create_task(work)
        tasks[replica].add_done_callback(ended)

    async def _start(self, kept: KeptReplica, stored: StoredDeployment, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                await self._verification.check(stored.spec.model, kept.version)
                await self._launcher.launch(self._spec(kept, stored))
        except ConflictError:
            log.info("worker_already_runs", replica=kept.id)
        except (InvalidError, NotFoundError) as error:
            self._refuse(kept, str(error), hopeless=True)
        except TulouError as error:
            self._refuse(kept, str(error), hopeless=False)
        except TimeoutError:
            self._refuse(kept, f"was not verified and started within {within_s:g} s", hopeless=False)
        except Exception as error:
            log.exception("launch_failed", replica=kept.id)
            self._refuse(kept, f"{type(error).__name__}: {error}", hopeless=False)

    async def _stop(self, replica: str, grace_s: float) -> None:
        try:
            async with asyncio.timeout(grace_s + STOP_MARGIN_S):
                await self._launcher.stop(replica, grace_s=grace_s)
        except (TulouError, TimeoutError) as error:
            log.warning("worker_not_ended", replica=replica, error=str(error) or type(error).__name__)
        except Exception:
            log.exception("stop_failed", replica=replica)

    def _refuse(self, kept: KeptReplica, why: str, *, hopeless: bool) -> None:
        log.warning("launch_refused", replica=kept.id, deployment=kept.deployment, why=why)
        self._refusals[kept.id] = StartRefusal(why=why, hopeless=hopeless)

    def _spec(self, kept: KeptReplica, stored: StoredDeployment) -> WorkerSpec:
        spec, artifact = stored.spec, stored.artifact
        return WorkerSpec(
            replica=kept.id,
            deployment=spec.name,
            generation=kept.generation,
            model=spec.model,
            version=artifact.version,
            engine=artifact.engine,
            task="embedding" if artifact.task == "embedding" else "chat",
            format=artifact.facts.format if artifact.facts else "",
            architecture=artifact.facts.architecture if artifact.facts else "",
            files=artifact.files,
            context_length=artifact.context_length,
            concurrency=spec.concurrency,
            options=spec.options,
            token=secrets.token_urlsafe(32),
            control_url=self._house.control_url,
            control_token=self._house.token,
            blobs=self._house.blobs,
            cache=str(self._house.cache),
        )
