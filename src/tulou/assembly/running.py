"""What `run/house.json` says of a house that is up: where it is reached, and whether it answers yet."""

from pathlib import Path

import msgspec

from tulou.chassis.whole_files import replace_file
from tulou.kernel.message import message


@message
class RunningHouse:
    """A house that is up; `ready` once control and every gateway have served."""

    name: str
    pid: int
    gate_url: str
    control_url: str
    started_at: float
    gateways: int
    ready: bool = True


def standing_file(directory: Path) -> Path:
    """Return where a house that is up describes itself."""
    return directory / "run" / "house.json"


def write_standing(directory: Path, standing: RunningHouse) -> None:
    """Describe the house for the command line, all at once."""
    replace_file(standing_file(directory), msgspec.json.encode(standing), mode=0o644)


def read_standing(directory: Path) -> RunningHouse | None:
    """Return the description of the house that is up in a directory, if one is."""
    try:
        return msgspec.json.decode(standing_file(directory).read_bytes(), type=RunningHouse)
    except (OSError, msgspec.MsgspecError):
        return None
