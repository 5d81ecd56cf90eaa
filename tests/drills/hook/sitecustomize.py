"""Watches the loops of a house that is drilled: found through `PYTHONPATH`, it does nothing without `TULOU_DRILLS_LAG`.

That names a folder. Each gateway, and control, writes a file there, a line of JSON for each time at which an event that
came would have waited for the loop: when (Unix seconds), for how long, how much of that the loop computed, how much it
waited for a processor (milliseconds), and what it was at if that took long.
"""

import os
import sys

FOLDER = os.environ.get("TULOU_DRILLS_LAG", "")
WATCHED = ("gateway", "control")

if FOLDER and "tulou" in sys.orig_argv and (found := [name for name in WATCHED if name in sys.orig_argv]):
    from lag import install

    install(FOLDER, f"{found[0]}-{os.getpid()}")
