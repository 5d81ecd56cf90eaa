"""A program that behaves as its spec's `options` say; started by the tests as a worker."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

spec_file = Path(sys.argv[-1])
options = json.loads(spec_file.read_text())["options"]

if options.get("stubborn"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if options.get("child"):
    child = subprocess.Popen(["sleep", "600"])
    (spec_file.parent / "child").write_text(str(child.pid))
sys.stdout.write(f"line of the worker {os.environ.get('TULOU_LIFELINE_FD', '')}\n")
sys.stdout.flush()
(spec_file.parent / "started").touch()
if "exit" in options:
    sys.exit(options["exit"])
time.sleep(600)
