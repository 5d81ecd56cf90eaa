"""Append to an audit trail: `python -m tests.integration.audit.writer URL SECRETS NAME COUNT`."""

import asyncio
import sys

from tulou.adapters.files.secrets import open_file_secrets
from tulou.assembly.ports import opener
from tulou.contracts.governance.messages import AuditEntry, RecordAudit
from tulou.kernel.context import as_house
from tulou.ports.database import Database
from tulou.services.governance.seal import HeadSeal
from tulou.services.governance.trail import AuditTrail


def entry(name: str, number: int) -> AuditEntry:
    """Return the entry that a writer makes as this one of its own; every seventh is the same for all writers."""
    own = f"{name}-{number}" if number % 7 else f"all-{number}"
    return AuditEntry(
        id=own, at=float(number), tenant="north", principal=name, action="keys:write", resource="keys", outcome="done"
    )


async def write(url: str, secrets: str, name: str, count: int) -> None:
    """Append entries one at a time, as requests do, three at once."""
    database: Database
    async with opener("database", url)(url) as database, open_file_secrets(secrets) as kept:
        trail = AuditTrail(database, HeadSeal(kept, database))
        numbers = iter(range(count))

        async def some() -> None:
            for number in numbers:
                await trail.record(RecordAudit(entries=(entry(name, number),)))

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(some())


if __name__ == "__main__":
    with as_house("a test"):
        asyncio.run(write(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
