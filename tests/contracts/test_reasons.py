"""Why something was changed, from the command line to the revision and the audit trail."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
from cyclopts import UnknownOptionError

from tests.contracts.whole import NAMES, Whole, open_whole
from tulou.assembly.catalogue import CATALOGUE
from tulou.chassis.rest import AuditReceivers, rest_app
from tulou.cli.main import app as command
from tulou.contracts.configuration.api import Configuration
from tulou.contracts.configuration.messages import ListRevisions, Revision
from tulou.contracts.governance.api import Governance
from tulou.contracts.governance.messages import AuditEntry, Decide, Decision, ListAudit
from tulou.contracts.identity.messages import Authenticate, Identified
from tulou.http.server.server import serving
from tulou.kernel.context import CONTEXT, Context, KeyActor
from tulou.testing.eventually import eventually

CALM = """
version: 1
limits:
- {name: calm, scope: key, measure: requests, amount: 60, period: minute}
"""


async def operator(_: Authenticate) -> Identified:
    return Identified(key="key_1", tenant="default", principal="ops", scopes=("admin",))


async def everything(_: Decide) -> Decision:
    return Decision(allowed=True, why="a test", house=True)


class Desk:
    """A house, and the command line of who operates it."""

    def __init__(self, whole: Whole, url: str) -> None:
        self._whole = whole
        self._url = url

    async def types(self, *words: str) -> None:
        """Type a command."""
        line = [*words, "--url", self._url, "--key", "any"]
        await asyncio.to_thread(command, line, result_action="return_value")

    async def revision(self) -> Revision:
        """Return the newest revision."""
        return (await self._whole[Configuration].revisions(ListRevisions(limit=1))).items[0]

    async def entry(self) -> AuditEntry:
        """Return the newest entry of the audit trail."""
        return (await self._whole[Governance].audit(ListAudit(limit=1))).items[0].entry


@pytest.fixture
async def desk() -> AsyncGenerator[Desk]:
    async with open_whole() as whole:
        trail = AuditReceivers(record=whole[Governance].record, note=whole[Configuration].note)
        parts = [CATALOGUE[name] for name in NAMES]
        routers = [part.routes(whole[part.contract]) for part in parts if part.routes]
        token = CONTEXT.set(Context(actor=KeyActor(tenant="default", principal="ops"), house=True))
        async with serving(rest_app(routers, authenticate=operator, decide=everything, trail=trail)) as url:
            yield Desk(whole, url)
        CONTEXT.reset(token)


def said(desk: Desk, reason: str) -> Callable[[], object]:
    async def so() -> bool:
        return (await desk.revision()).reason == reason

    return so


async def test_an_apply_and_a_rollback_say_why_in_revision_and_trail(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(CALM)

    await desk.types("apply", "-f", str(file), "--reason", "ticket 7")
    first = await desk.revision()
    assert (first.reason, (await desk.entry()).reason) == ("ticket 7", "ticket 7")

    await desk.types("rollback", str(first.number - 1), "-m", "too calm", "--yes")
    assert (await desk.revision()).reason == f"back to revision {first.number - 1}: too calm"
    assert (await desk.entry()).reason == "too calm"


async def test_any_other_command_says_why_as_well(desk: Desk) -> None:
    await desk.types("limits", "set", "calm", "60", "requests", "minute", "-m", "für Ana,\n wie besprochen")

    entry = await desk.entry()
    assert (entry.action, entry.reason) == ("limits:write", "für Ana, wie besprochen")
    await eventually(said(desk, "für Ana, wie besprochen"))


@pytest.mark.parametrize("words", [("limits", "list"), ("keys", "list"), ("audit", "verify"), ("vault", "status")])
def test_a_command_that_changes_nothing_takes_no_reason(words: tuple[str, str]) -> None:
    with pytest.raises(UnknownOptionError):
        command.parse_args([*words, "--reason", "curious"], exit_on_error=False, print_error=False)
