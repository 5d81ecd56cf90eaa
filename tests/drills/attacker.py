"""The process of the hostile tenant: `python -m tests.drills.attacker`, one line with a name and one with a field each.

It is nice to the house's processes, so that what is measured is what its requests cost, and not what it costs to make
them. It answers each attack with a line that says how many requests it made.
"""

import asyncio
import os
import resource
import sys

from tests.drills.attacks import BY_NAME
from tests.drills.field import Field

NICE = 10


async def attacked(name: str, field: Field) -> int:
    """Attack until it is done or its time is over; return how many requests that took."""
    try:
        async with asyncio.timeout(field.size.attack_s):
            await BY_NAME[name].run(field)
    except TimeoutError:
        pass
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
