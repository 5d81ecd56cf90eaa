"""Migrations packages that are written for one test."""

from collections.abc import Mapping
from pathlib import Path

from tulou.kernel.ids import new_id

REVISION = '''"""{name}."""
import sqlalchemy as sa
from alembic import op
revision = {name!r}
down_revision = {before!r}
def upgrade():
    {body}
'''


class Revisions:
    """One made-up service; its packages hold ever other revisions of the same tables."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.service = new_id("shop")

    def package(self, revisions: Mapping[str, str], *, before: Mapping[str, str] | None = None) -> str:
        """Write a package whose revisions, by name, run these statements; return its dotted name."""
        parent = new_id("pack")
        versions = self._folder / parent / self.service / "migrations" / "versions"
        versions.mkdir(parents=True)
        for folder in (versions, *list(versions.parents)[:3]):
            (folder / "__init__.py").write_text("", "utf-8")
        last: str | None = None
        for name, body in revisions.items():
            given = (before or {}).get(name, last)
            text = REVISION.format(name=name, before=given, body=body.format(service=self.service))
            (versions / f"{name}.py").write_text(text, "utf-8")
            last = name
        return f"{parent}.{self.service}.migrations"
