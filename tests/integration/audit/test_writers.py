"""Several processes append at once, and one is killed: the chain has no gap and no fork, on every database."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.audit.writer import entry
from tulou.adapters.files.secrets import open_file_secrets
from tulou.assembly.ports import opener
from tulou.contracts.governance.messages import ListAudit, RecordAudit, VerifyAudit
from tulou.kernel.clock import SystemClock
from tulou.kernel.errors import ConflictError
from tulou.kernel.ids import new_id
from tulou.ports.database import Database
from tulou.services.governance.retention import Retention
from tulou.services.governance.seal import HeadSeal
from tulou.services.governance.settings import GovernanceSettings
from tulou.services.governance.trail import AuditTrail
from tulou.testing.eventually import eventually
from tulou.testing.servers.postgres import PostgresServer

COUNT = 60


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tulou.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database(new_id("test"))


@pytest.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    async with opener("database", url)(url) as opened:
        await opened.migrate(["tulou.services.governance.migrations"])
        yield opened


@pytest.fixture
async def trail(database: Database, tmp_path: Path) -> AsyncGenerator[AuditTrail]:
    async with open_file_secrets(f"file://{tmp_path}/secrets") as secrets:
        yield AuditTrail(database, HeadSeal(secrets, database))


async def start(url: str, folder: Path, name: str, count: int) -> asyncio.subprocess.Process:
    arguments = ("-m", "tests.integration.audit.writer", url, f"file://{folder}/secrets", name, str(count))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments)


async def test_processes_that_append_at_once_make_one_chain(trail: AuditTrail, url: str, tmp_path: Path) -> None:
    writers = [await start(url, tmp_path, name, COUNT) for name in ("a", "b", "c")]
    assert [await writer.wait() for writer in writers] == [0, 0, 0]
    verdict = await trail.verify(VerifyAudit())
    shared = len(range(0, COUNT, 7))
    assert (verdict.intact, verdict.records) == (True, 3 * (COUNT - shared) + shared)
    await trail.record(RecordAudit(entries=(entry("d", 1),)))
    assert (await trail.verify(VerifyAudit())).sealed == verdict.records + 1


async def test_a_writer_that_is_killed_leaves_a_whole_chain(trail: AuditTrail, url: str, tmp_path: Path) -> None:
    writers = [await start(url, tmp_path, name, 5_000) for name in ("a", "b")]

    async def some() -> bool:
        return (await trail.verify(VerifyAudit())).records > 20

    await eventually(some)
    for writer in writers:
        writer.kill()
        await writer.wait()
    verdict = await trail.verify(VerifyAudit())
    assert verdict.intact, verdict.why
    await trail.record(RecordAudit(entries=tuple(entry("c", number) for number in range(1, 4))))
    after = await trail.verify(VerifyAudit())
    assert (after.intact, after.records) == (True, verdict.records + 3)


async def test_the_database_refuses_to_change_or_remove_records(trail: AuditTrail, database: Database) -> None:
    await trail.record(RecordAudit(entries=(entry("a", 1),)))
    statements = ["UPDATE governance_audit SET reason = 'x'", "DELETE FROM governance_audit"]
    async with database.reading() as tx:
        if tx.dialect == "postgresql":
            statements.append("TRUNCATE governance_audit")
    for statement in statements:
        with pytest.raises(ConflictError, match="append-only"):
            async with database.transaction() as tx:
                await tx.execute(text(statement))
    assert (await trail.page(ListAudit())).items[0].entry == entry("a", 1)


async def test_refusals_go_from_every_database_and_nothing_else_does(
    trail: AuditTrail, database: Database, tmp_path: Path
) -> None:
    await trail.record(RecordAudit(entries=tuple(replace(entry("a", number), outcome="denied") for number in (1, 2))))
    await trail.record(RecordAudit(entries=(entry("a", 3),)))
    async with open_file_secrets(f"file://{tmp_path}/secrets") as secrets:
        settings = GovernanceSettings(keep_denied_days=0.0)
        retention = Retention(database, HeadSeal(secrets, database), clock=SystemClock(), settings=settings)
        assert await retention.sweep() == 2
    verdict = await trail.verify(VerifyAudit())
    assert (verdict.intact, verdict.records, verdict.removed) == (True, 2, 2), verdict.why
    with pytest.raises(ConflictError, match="append-only"):
        async with database.transaction() as tx:
            await tx.execute(text("DELETE FROM governance_audit WHERE sequence = 3"))


async def test_whatever_an_entry_looks_like_every_database_keeps_it_under_its_hash(trail: AuditTrail) -> None:
    odd = entry("ana\0", 1)
    await trail.record(RecordAudit(entries=(odd, entry("größe\ud800" * 50, 2), entry("x", 10**15 + 3))))
    verdict = await trail.verify(VerifyAudit())
    assert (verdict.intact, verdict.records) == (True, 3)
