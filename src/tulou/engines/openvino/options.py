"""What a deployment may ask of OpenVINO beyond the common spec."""

import difflib
from collections.abc import Mapping

import msgspec

from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.ports.engine import OptionValue


@message
class OpenVinoOptions:
    """The options by name.

    threads: cores to compute on; 0 means all there are
    batch: tokens of prompts that are read in one step, beside which other requests get one token each
    """

    threads: int = 0
    batch: int = 512


def read_options(options: Mapping[str, OptionValue]) -> OpenVinoOptions:
    """Return the options; raise `InvalidError` for an unknown name or a value of the wrong kind."""
    known = OpenVinoOptions.__dataclass_fields__
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1) or list(known)
            raise InvalidError(f"engine openvino has no option {name!r}; did you mean {near[0]!r}?")
    try:
        made = msgspec.convert(options, type=OpenVinoOptions)
    except msgspec.ValidationError as error:
        raise InvalidError(f"options of engine openvino: {error}") from error
    if made.threads < 0 or made.batch < 1:
        raise InvalidError("options of engine openvino: threads is at least 0, batch at least 1")
    return made
