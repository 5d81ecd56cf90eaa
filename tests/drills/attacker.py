"""The process of the hostile tenant: `python -m tests.drills.attacker`, one line with a name and one with a field each.

It is nice to the house's processes, so that what is measured is what its requests cost, and not what it costs to make
them. It answers each attack with a line that says how many requests it made.
"""

import asyncio
import os
import resource
import sys
from contextlib import suppress

from tests.drills.attacks import BY_NAME
from tests.drills.field import Field

NICE = 10
BREATH_S = 0.05


async def attacked(name: str, field: Field) -> int:
    """Attack again and again until the time is over; return how many requests that took."""
    with suppress(TimeoutError):
        async with asyncio.timeout(field.size.attack_s):
            while True:
                await BY_NAME[name].run(field)
                await asyncio.sleep(BREATH_S)
    return field.asked


def main() -> None:
    """Attack as often as is asked."""
    os.nice(NICE)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for line in sys.stdin.buffer:
        name, field = line.decode().strip(), Field.decode(sys.stdin.buffer.readline())
        sys.stdout.write(f"{asyncio.run(attacked(name, field))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
