"""A launcher that starts one worker and is then killed in the middle of its life, as `kill -9` would."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tulou.adapters.process.launcher import open_launcher
from tulou.adapters.process.tests.cases import settings_in, spec_of
from tulou.kernel.clock import SystemClock


async def main() -> None:
    async with open_launcher(settings_in(Path(sys.argv[1])), clock=SystemClock()) as launcher:
        await launcher.launch(spec_of("a"))
        os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(main())
