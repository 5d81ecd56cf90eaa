"""Bring each service's tables up to date with Alembic, all of them in the one transaction that the caller holds.

Each service has a line of revisions of its own and a table `<service>_migrations` that says where it stands, so
that services can be migrated, split off and removed independently of each other.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from tulou.kernel.errors import ConflictError, InvalidError


def upgrade(connection: Connection, packages: Sequence[str]) -> None:
    """Upgrade the tables of every package; raise `ConflictError` for tables that this code cannot know."""
    for package in packages:
        _upgrade(connection, _service(package), _script(package))


def _upgrade(connection: Connection, service: str, script: ScriptDirectory) -> None:
    def steps(revision: object, _: object) -> object:
        return script._upgrade_revs("head", revision)  # pyright: ignore[reportPrivateUsage, reportArgumentType] # noqa: SLF001 - what alembic's own `upgrade` command calls

    context = MigrationContext.configure(connection, opts={"version_table": f"{service}_migrations", "fn": steps})
    _check(connection, service, script, context.get_current_heads())
    with Operations.context(context):
        context.run_migrations()


def _check(connection: Connection, service: str, script: ScriptDirectory, current: Sequence[str]) -> None:
    known = {revision.revision for revision in script.walk_revisions()}
    unknown = [revision for revision in current if revision not in known]
    if unknown:
        raise ConflictError(
            f"the tables of {service} are at revision {unknown[0]!r}, which this version of Tulou does not know: "
            f"a newer one has been here; start that one, or restore an older backup"
        )
    if not current:
        _check_empty(connection, service)
    if len(current) > 1:
        raise ConflictError(f"{service}_migrations holds several revisions ({', '.join(current)}); restore a backup")


def _check_empty(connection: Connection, service: str) -> None:
    own = f"{service}_migrations"
    names = [name for name in inspect(connection).get_table_names() if name.startswith(f"{service}_") and name != own]
    if names:
        raise ConflictError(
            f"the database has {', '.join(names)} but no revision in {own}: a migration was left half done, or another "
            f"program made these tables; restore a backup, or use an empty database"
        )


def _service(package: str) -> str:
    return package.split(".")[-2]


def _script(package: str) -> ScriptDirectory:
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise InvalidError(f"no migrations package {package!r}; see docs/architecture/migrations.md")
    folder = Path(next(iter(spec.submodule_search_locations)))
    script = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])
    try:
        script.get_current_head()
    except CommandError as error:
        raise InvalidError(f"{package}: the revisions are not one line: {error}") from error
    return script
