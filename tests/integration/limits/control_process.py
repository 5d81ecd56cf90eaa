"""The control process of the drill: the limits service behind HTTP, on a database that outlives it.

```
python -m tests.integration.limits.control_process DATABASE_URL SOCKET
```

The socket is inherited, so that gateways wait through a restart.
"""

import asyncio
import socket
import sys

from starlette.applications import Starlette

from tests.integration.limits.gateways import TOKEN
from tulou.adapters.sql.sqlite import open_sqlite
from tulou.chassis.hosting import rpc_routes
from tulou.chassis.outbox import MIGRATIONS, Outbox
from tulou.chassis.provided import Provided
from tulou.http.server.server import serve
from tulou.kernel.clock import Clock, SystemClock
from tulou.kernel.context import as_house
from tulou.ports.allowances import SharedAllowances
from tulou.ports.database import Database
from tulou.services.limits.component import COMPONENT
from tulou.services.limits.settings import LimitsSettings


async def main(url: str, listening: socket.socket) -> None:
    """Serve until killed."""
    async with open_sqlite(url) as database:
        await database.migrate([MIGRATIONS, "tulou.services.limits.migrations"])
        things: dict[type[object], object] = {
            Database: database,
            Outbox: Outbox(database, clock=SystemClock()),
            Clock: SystemClock(),
            SharedAllowances: SharedAllowances(),
            LimitsSettings: LimitsSettings(),
        }
        async with COMPONENT.build(Provided(things)) as service:
            app = Starlette(routes=rpc_routes(COMPONENT, service, token=TOKEN))
            await serve(app, [listening], stop=asyncio.Event(), drain_s=1.0)


if __name__ == "__main__":
    with as_house("a test"):
        asyncio.run(main(sys.argv[1], socket.socket(fileno=int(sys.argv[2]))))
