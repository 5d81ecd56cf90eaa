"""Rules of files."""

from tulou.contracts.files.messages import BeginFile
from tulou.kernel.errors import InvalidError, TooLargeError

NAME_CAP = 255
PAGE_CAP = 10_000
EXPIRY_S = (3600.0, 30 * 86_400.0)
"""An expiry is from an hour to thirty days after the upload, as OpenAI has it."""


def piece_key(file: str, number: int) -> str:
    """Return where a piece of a file lies."""
    return f"files/{file}/{number:06d}"


def check_size(size: int, *, at_most: int) -> None:
    """Raise `TooLargeError` for a file that has grown too large."""
    if size > at_most:
        raise TooLargeError(f"the file is larger than {at_most} bytes; the setting is [files] file_bytes")


def check_begin(request: BeginFile) -> None:
    """Raise `InvalidError` naming what is wrong with a file that is about to come."""
    if not 1 <= len(request.name) <= NAME_CAP or not request.name.isprintable():
        raise InvalidError(f"a file's name has 1 to {NAME_CAP} printable characters", param="file")
    after = request.expires_after_s
    if after is not None and not EXPIRY_S[0] <= after <= EXPIRY_S[1]:
        raise InvalidError(
            f"expires_after is {after:g} s; it may be {EXPIRY_S[0]:g} to {EXPIRY_S[1]:g}", param="expires_after"
        )
