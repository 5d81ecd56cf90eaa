"""Facts of the registry."""

from tulou.kernel.message import message

VERSION_PUBLISHED = "registry.version_published"
ALIAS_MOVED = "registry.alias_moved"


@message
class VersionPublished:
    """A new version exists, and is signed."""

    model: str
    version: int
    digest: str


@message
class AliasMoved:
    """An alias, or `latest`, names another version now; `version` is None when it was taken away."""

    model: str
    alias: str
    version: int | None
