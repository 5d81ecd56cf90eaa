"""A process whose parent has died is adopted, and leaves no zombie."""

import subprocess
import sys

WATCHES = """
import asyncio, os, subprocess, sys
import psutil
from tulou.assembly.orphans import adopt_orphans, bury_orphans

PARENT = "import subprocess; print(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL).pid)"

async def main():
    adopt_orphans()
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=subprocess.PIPE)
    burying = asyncio.create_task(bury_orphans(lambda: {child.pid}))
    out, _ = await child.communicate()
    assert child.returncode == 0, child.returncode
    orphan = int(out)
    assert psutil.Process(orphan).ppid() == os.getpid()
    psutil.Process(orphan).kill()
    while psutil.pid_exists(orphan):
        await asyncio.sleep(0.05)
    burying.cancel()

asyncio.run(main())
"""


def test_an_orphan_is_adopted_and_buried_and_our_own_exit_codes_are_kept() -> None:
    done = subprocess.run([sys.executable, "-c", WATCHES], capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
