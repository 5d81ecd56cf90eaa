"""Files over REST, in OpenAI's shape: `/v1/files`."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from tulou.chassis.rest.bodies import streams
from tulou.chassis.rest.declared import permits
from tulou.chassis.rest.owner import owner
from tulou.chassis.uploads import write_file
from tulou.contracts.files.api import Files
from tulou.contracts.files.messages import File, GetFileCaps, ListFiles, NameFile, Purpose
from tulou.kernel.errors import LimitedError, TulouError
from tulou.kernel.message import message
from tulou.kernel.shares import FairShares
from tulou.services.files.form import pieces, read_form

FORM: Mapping[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "purpose"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {"type": "string"},
                        "expires_after[anchor]": {"type": "string", "enum": ["created_at"]},
                        "expires_after[seconds]": {"type": "integer"},
                    },
                }
            }
        },
    }
}


@message
class FileObject:
    """A file as OpenAI's clients know it; `bytes` is its size, times are whole Unix seconds."""

    id: str
    bytes: int
    created_at: int
    filename: str
    purpose: Purpose
    expires_at: int | None = None
    object: Literal["file"] = "file"
    status: Literal["processed"] = "processed"


@message
class FileObjects:
    """A page of files."""

    data: tuple[FileObject, ...]
    has_more: bool
    first_id: str | None = None
    last_id: str | None = None
    object: Literal["list"] = "list"


@message
class FileDeleted:
    """A file is gone."""

    id: str
    deleted: bool = True
    object: Literal["file"] = "file"


def router(files: Files) -> APIRouter:
    """Return the routes `/v1/files`."""
    routes = APIRouter(prefix="/v1/files", tags=["files"])
    arriving = FairShares(0, refusal=_busy)

    @routes.post("", openapi_extra={**permits("files:use", "file"), **FORM, **streams()})
    async def upload_file(request: Request) -> FileObject:
        """Upload a file."""
        caps = await files.caps(GetFileCaps())
        arriving.resize(caps.uploads)
        with arriving.holding(owner().tenant):
            async with read_form(request, owner(), at_most=caps.file_bytes) as (begin, upload):
                return shown(await write_file(files, begin, pieces(upload)))

    @routes.get("", openapi_extra=permits("files:use", "file"))
    async def list_files(
        limit: Annotated[int, Query(ge=1, le=10_000)] = 10_000,
        after: str = "",
        purpose: Purpose | None = None,
        order: Literal["asc", "desc"] = "desc",
    ) -> FileObjects:
        """Return a page of the project's files."""
        asked = ListFiles(owner=owner(), purpose=purpose, limit=limit, after=after, ascending=order == "asc")
        page = await files.files(asked)
        data = tuple(shown(file) for file in page.items)
        ends = (data[0].id, data[-1].id) if data else (None, None)
        return FileObjects(data=data, has_more=page.more, first_id=ends[0], last_id=ends[1])

    @routes.get("/{file_id}", openapi_extra=permits("files:use", "file", "{file_id}"))
    async def get_file(file_id: str) -> FileObject:
        """Return a file."""
        return shown(await files.file(NameFile(owner=owner(), id=file_id)))

    @routes.delete("/{file_id}", openapi_extra=permits("files:use", "file", "{file_id}"))
    async def delete_file(file_id: str) -> FileDeleted:
        """Remove a file."""
        await files.delete(NameFile(owner=owner(), id=file_id))
        return FileDeleted(id=file_id)

    @routes.get(
        "/{file_id}/content",
        response_class=StreamingResponse,
        openapi_extra=permits("files:use", "file", "{file_id}/content"),
    )
    async def get_file_content(file_id: str) -> StreamingResponse:
        """Return what is in a file."""
        asked = NameFile(owner=owner(), id=file_id)
        file = await files.file(asked)
        headers = {"content-length": str(file.size), "content-disposition": "attachment"}
        return StreamingResponse(_bytes(files, asked), media_type="application/octet-stream", headers=headers)

    # FastAPI holds the routes; naming them keeps the type checker from calling them unused
    _ = (upload_file, list_files, get_file, delete_file, get_file_content)
    return routes


def shown(file: File) -> FileObject:
    """Return a file in OpenAI's shape."""
    return FileObject(
        id=file.id,
        bytes=file.size,
        created_at=int(file.created_at),
        filename=file.name,
        purpose=file.purpose,
        expires_at=None if file.expires_at is None else int(file.expires_at),
    )


def _busy(why: str) -> TulouError:
    return LimitedError(f"too many files arrive at once: {why} ([files] uploads); try again soon", retry_after_s=1.0)


async def _bytes(files: Files, asked: NameFile) -> AsyncIterator[bytes]:
    async for chunk in files.content(asked):
        yield chunk.data
