"""Pictures, sounds and documents for a model that reads text alone: refused before a replica is asked."""

import re

from tulou.kernel.errors import InvalidError, TulouError
from tulou.services.gateway.dialects.demands import parts_of
from tulou.services.gateway.dialects.prompt import AudioPart, DocumentPart, ImagePart, OpaqueInput, Part
from tulou.services.gateway.stack.call import Call

_TYPES = re.compile(rb'"(?:image|input_|audio|video|file|document)|\\u00[67]')
"""What the type of a part begins with that is no text, in any dialect, or may be by an escaped letter of ASCII."""
_OPAQUE = ("image", "audio", "video", "input_image", "input_audio", "input_video")


def check_media(call: Call) -> None:
    """Raise `InvalidError` for a request that brings more than text; what cannot be read is the replica's to refuse."""
    body = call.body
    if _TYPES.search(body) is None:
        return
    try:
        kinds = [kind for part in parts_of(call.prompt) if (kind := _kind(part))]
    except TulouError:
        return
    if kinds:
        raise InvalidError(
            f"{call.model!r} reads text alone and no {kinds[0]}: take them out, or ask a model that can",
            param="messages",
        )


def _kind(part: Part) -> str:
    match part:
        case ImagePart():
            return "pictures"
        case AudioPart():
            return "sounds"
        case DocumentPart():
            return "documents"
        case OpaqueInput(kind=kind) if kind.startswith(_OPAQUE):
            return "pictures, sounds or films"
        case _:
            return ""
