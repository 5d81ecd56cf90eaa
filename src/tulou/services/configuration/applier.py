"""Make the steps of a plan, one after the other; undo those that were made when one fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

import structlog

from tulou.kernel.clock import Clock
from tulou.kernel.errors import DeadlineError, NotFoundError, TulouError
from tulou.kernel.message import message
from tulou.services.configuration.domain.difference import Step
from tulou.services.configuration.kinds.kind import ResourceKind

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

SKEW_S = 1.0
"""How much the clock of another process may be behind ours."""

Alive = Callable[[], Awaitable[None]]
"""Called before each step; raises when the turn was lost."""


@message
class Undone:
    """A step of an apply that failed: it was `made`, or tried, and undone; `lost` says why it could not be."""

    step: Step
    lost: str = ""
    made: bool = True


Report = Callable[[Sequence[Undone]], Awaitable[None]]
"""Called with all steps that were undone, before the error is raised."""


@message
class RollbackPoint:
    """The time to which a rollback returns; `whole` if it undoes what was cut off, and keys come back as they were."""

    at: float
    whole: bool = False


class Applier:
    """A step has `step_s` seconds. What cannot be undone is named in the error."""

    def __init__(self, kinds: Mapping[str, ResourceKind], *, clock: Clock, step_s: float) -> None:
        self._kinds = kinds
        self._clock = clock
        self._step_s = step_s

    async def run(
        self, steps: Sequence[Step], *, alive: Alive, report: Report | None = None, former: RollbackPoint | None = None
    ) -> None:
        """Make all steps; raise the error of the first that fails, once those before it are undone and reported.

        With `former` what is made is what was there then, with what belonged to it.
        """
        done: list[Step] = []
        began = self._clock.now() - SKEW_S
        for group in self._groups(steps):
            try:
                await alive()
                await self._within(group, self._make(group, former))
            except TulouError as error:
                undone = [replace(one, made=False) for one in await self._undo(group, began)]
                undone += await self._undo(done, began)
                if report is not None:
                    await report(undone)
                raise _told(error, group[0], undone) from error
            done += group

    def _groups(self, steps: Sequence[Step]) -> Iterable[Sequence[Step]]:
        """Yield steps one by one, and those that can be made at once together."""
        for together, group in groupby(steps, key=self._together):
            if together:
                yield list(group)
            else:
                yield from ([step] for step in group)

    def _together(self, step: Step) -> str:
        made = step.kind != "delete" and self._kinds[step.section].put_all is not None
        return step.section if made else ""

    async def _make(self, group: Sequence[Step], former: RollbackPoint | None) -> None:
        kind, first = self._kinds[group[0].section], group[0]
        if kind.put_all is not None and first.kind != "delete":
            await kind.put_all([step.after for step in group])
        elif first.kind == "delete":
            with suppress(NotFoundError):  # somebody else was faster
                await kind.delete(first.before)
        elif former is not None and first.kind == "create" and kind.restore is not None:
            await kind.restore(first.after, at=former.at, whole=former.whole)
        else:
            await kind.put(first.after, first.before)

    async def _undo(self, steps: Sequence[Step], began: float) -> Sequence[Undone]:
        """Undo steps, the last one first."""
        undone: list[Undone] = []
        for step in reversed(steps):
            try:
                await self._within([step], self._unmake(step, began))
            except TulouError as error:
                log.warning("step_not_undone", step=str(step), error=str(error))
                undone.append(Undone(step=step, lost=str(error)))
            else:
                undone.append(Undone(step=step))
        return undone

    async def _unmake(self, step: Step, began: float) -> None:
        kind = self._kinds[step.section]
        if step.before is None:
            with suppress(NotFoundError):  # the step that failed may have made nothing
                await kind.delete(step.after)
        elif step.after is None and kind.restore is not None:
            await kind.restore(step.before, at=began, whole=True)
        else:
            await kind.put(step.before, step.after)

    async def _within(self, group: Sequence[Step], making: Awaitable[object]) -> None:
        try:
            async with asyncio.timeout(self._step_s):
                await making
        except TimeoutError as error:
            raise DeadlineError(f"{group[0]} took longer than {self._step_s:g} s ([configuration] step_s)") from error


def _told(error: TulouError, step: Step, undone: Sequence[Undone]) -> TulouError:
    lost = [f"{one.step} ({one.lost})" for one in undone if one.lost]
    after = f"could not be undone: {'; '.join(lost)}" if lost else "everything is as it was"
    param = f"{step.section}.{step.name}" + (f".{error.param}" if error.param else "")
    return type(error)(f"{step} failed: {error}; {after}", param=param)
