"""The built console in memory: every file with its type, its ETag and its compressed form."""

import hashlib
import mimetypes
from pathlib import Path

from tulou.kernel.errors import TooLargeError
from tulou.kernel.message import message

ASSETS = "assets/"
"""Files under this name carry a hash of their content in it, so that they never change."""

MOST_BYTES = 32 * 1024 * 1024
"""More than this is no build of the console; one is about 3 MB."""


@message
class SiteFile:
    """A file as it is served; `packed` is its gzip form, empty where that would not pay."""

    content: bytes
    packed: bytes
    etag: str
    media_type: str
    immutable: bool


class ConsoleSite:
    """The files of one build, by path without a leading slash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, SiteFile] = {}
        self._built_at = 0

    def files(self) -> dict[str, SiteFile]:
        """Return the files of the newest build; none before there is one. Reads the disk only after a build."""
        built_at = self._stamp()
        if built_at != self._built_at:
            self._files = _read(self._folder) if built_at else {}
            self._built_at = built_at
        return self._files

    def _stamp(self) -> int:
        try:
            return (self._folder / "index.html").stat().st_mtime_ns
        except FileNotFoundError:
            return 0


def _read(folder: Path) -> dict[str, SiteFile]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    if sum(path.stat().st_size for path in paths) > MOST_BYTES:
        raise TooLargeError(f"{folder} holds more than {MOST_BYTES} bytes and is no build; run `make console` again")
    plain = (path for path in paths if path.suffix != ".gz")
    return {path.relative_to(folder).as_posix(): _file(path, folder) for path in plain}


def _file(path: Path, folder: Path) -> SiteFile:
    content = path.read_bytes()
    packed = path.with_name(f"{path.name}.gz")
    return SiteFile(
        content=content,
        packed=packed.read_bytes() if packed.exists() else b"",
        etag=f'W/"{hashlib.sha256(content).hexdigest()[:32]}"',
        media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        immutable=path.relative_to(folder).as_posix().startswith(ASSETS),
    )
