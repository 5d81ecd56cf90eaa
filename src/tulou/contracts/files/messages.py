"""Messages of the files contract: what clients upload, and what batches write."""

from typing import Literal

from tulou.kernel.message import message

Purpose = Literal["batch", "batch_output", "user_data", "assistants", "vision", "fine-tune", "evals"]


@message
class Owner:
    """Whose something is; nobody else sees that it exists."""

    tenant: str
    project: str
    key: str = ""
    principal: str = ""


@message
class File:
    """A file of a project; `expires_at` None means that it stays until it is deleted."""

    id: str
    owner: Owner
    name: str
    purpose: Purpose
    size: int
    created_at: float
    expires_at: float | None = None
    digest: str = ""


@message
class BeginFile:
    """A file is about to come."""

    owner: Owner
    name: str
    purpose: Purpose
    expires_after_s: float | None = None


@message
class GetFileCaps:
    """Ask how large a file may be, and how many may arrive at once."""


@message
class FileCaps:
    """What the service takes: the largest file, and how many may arrive at once, of one tenant half as many."""

    file_bytes: int
    uploads: int = 16


@message
class AppendPiece:
    """The next piece of a file that is arriving, `number` counting from 0; told twice it counts once."""

    owner: Owner
    id: str
    number: int
    data: bytes


@message
class FinishFile:
    """All pieces are there; `digest` is the SHA-256 of the whole in hex."""

    owner: Owner
    id: str
    pieces: int
    digest: str


@message
class FileChunk:
    """A piece of a file, in base64 on the wire."""

    data: bytes


@message
class NameFile:
    """Which file is meant, and who asks."""

    owner: Owner
    id: str


@message
class ListFiles:
    """A page of a project's files, newest first; `after` is the last id seen."""

    owner: Owner
    purpose: Purpose | None = None
    limit: int = 100
    after: str = ""
    ascending: bool = False


@message
class FilePage:
    """Files, and whether there are more."""

    items: tuple[File, ...]
    more: bool = False
