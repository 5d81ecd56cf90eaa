"""The form that a file comes in: `multipart/form-data` with `file`, `purpose` and perhaps `expires_after`."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import get_args

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from tulou.contracts.files.messages import BeginFile, Owner, Purpose
from tulou.kernel.errors import InvalidError, TooLargeError

FIELDS = 10
EXTRA_BYTES = 64 * 1024
"""What the form itself may add to the file."""
PIECE = 256 * 1024


@asynccontextmanager
async def read_form(request: Request, owner: Owner, *, at_most: int) -> AsyncGenerator[tuple[BeginFile, UploadFile]]:
    """Yield what is uploaded; raise `InvalidError` naming the field, `TooLargeError` while the bytes still come."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidError("a file comes as multipart/form-data with the fields `file` and `purpose`")
    parser = MultiPartParser(request.headers, _capped(request, at_most), max_files=1, max_fields=FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InvalidError(f"the form cannot be read: {error.message}") from error
    try:
        yield _begin(form, owner), _upload(form)
    finally:
        await form.close()


async def pieces(upload: UploadFile) -> AsyncIterator[bytes]:
    """Yield the content of an upload."""
    while piece := await upload.read(PIECE):
        yield piece


async def _capped(request: Request, at_most: int) -> AsyncGenerator[bytes]:
    left = at_most + EXTRA_BYTES
    async for piece in request.stream():
        left -= len(piece)
        if left < 0:
            raise TooLargeError(f"the file is larger than {at_most} bytes; the setting is [files] file_bytes")
        yield piece


def _upload(form: FormData) -> UploadFile:
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise InvalidError("the form has no file; send it in the field `file`", param="file")
    return upload


def _begin(form: FormData, owner: Owner) -> BeginFile:
    purpose = form.get("purpose")
    for known in get_args(Purpose):
        if purpose == known:
            name = _upload(form).filename or "file"
            return BeginFile(owner=owner, name=name, purpose=known, expires_after_s=_expiry(form))
    said = "is missing" if purpose is None else f"{str(purpose)[:50]!r} is unknown"
    raise InvalidError(f"purpose {said}; it is one of {', '.join(get_args(Purpose))}", param="purpose")


def _expiry(form: FormData) -> float | None:
    anchor, seconds = form.get("expires_after[anchor]"), form.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return None
    if anchor != "created_at" or not str(seconds).isdigit():
        raise InvalidError(
            'expires_after is {"anchor": "created_at", "seconds": <whole number>}', param="expires_after"
        )
    return float(str(seconds))
