"""Whether the gate's port is free, asked before anything is installed: `python3 -m tulou.assembly.free_port [PORT]`.

It needs the standard library alone, and reads of the settings only what it needs.
"""

import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tulou.assembly.claims import claim_gate
from tulou.kernel.errors import ConflictError, InvalidError

FILE = "tulou.toml"


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Return 0 if the port is free or the house is up; else say what to do, and return what `tulou up` would."""
    house = _house(environment)
    port = next(iter(arguments), "") or environment.get("TULOU_HOUSE__PORT", "") or house.get("port", 8000)
    host = environment.get("TULOU_HOUSE__HOST", "") or house.get("host", "127.0.0.1")
    directory = environment.get("TULOU_HOUSE__DIRECTORY", "") or house.get("directory", "var")
    if (Path(str(directory)).expanduser() / "run" / "house.json").exists():
        return 0  # `tulou up` says so itself, or finds that its machine was switched off
    try:
        claim_gate(str(host), int(port)).close()
    except (InvalidError, ConflictError) as error:
        sys.stderr.write(f"tulou: {error}\n")
        return 5 if isinstance(error, ConflictError) else 2
    except ValueError:
        sys.stderr.write(f"tulou: a port is a number from 0 to 65535, not {port!r}\n")
        return 2
    return 0


def _house(environment: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the table [house] of the settings; what is wrong with the file is said by whoever reads all of it."""
    try:
        return tomllib.loads(Path(environment.get("TULOU_CONFIG", FILE)).read_text("utf-8")).get("house", {})
    except (OSError, ValueError, AttributeError):
        return {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
