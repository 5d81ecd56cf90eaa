"""What an attack is given: where the house is, the hostile tenant's keys, and how strong to be."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import msgspec

from tests.drills.size import Size

SHARED, OWN = "shared", "tulou-demo"
"""A deployment at a vendor, and one of our own engine; both tenants use both."""


@dataclass(slots=True, kw_only=True)
class Field:
    """`key` is for inference, `admin` administrates the tenant; `control` is the control process's own port."""

    gate: str
    control: str
    tenant: str
    key: str
    admin: str
    size: Size
    asked: int = 0
    """How many requests the attack has made so far."""

    def place(self, url: str = "") -> tuple[str, int]:
        """Return host and port of the gate, or of another URL."""
        parts = urlsplit(url or self.gate)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def encode(self) -> bytes:
        """Return it for another process."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, text: bytes) -> Self:
        """Return what another process encoded."""
        return msgspec.json.decode(text, type=cls)
