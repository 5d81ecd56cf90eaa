"""All SQL of the registry."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)

from tulou.chassis import upserts
from tulou.chassis.rows import values_of
from tulou.contracts.registry.messages import (
    ArtifactFile,
    Facts,
    ListModels,
    ListVersions,
    Model,
    Signature,
    Version,
)
from tulou.kernel.message import message
from tulou.ports.database import Transaction

METADATA = MetaData()

MODELS = Table(
    "registry_models",
    METADATA,
    Column("name", String(128), primary_key=True),
    Column("description", Text, nullable=False),
    Column("task", String(32), nullable=False),
    Column("last_number", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)
"""A row outlives its last version, so that a number never comes to mean something else; then it is hidden."""

VERSIONS = Table(
    "registry_versions",
    METADATA,
    Column("model", String(128), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(80), nullable=False),
    Column("facts", Text, nullable=False),
    Column("card", Text, nullable=False),
    Column("lineage", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("key_id", String(80), nullable=False),
    Column("envelope", Text, nullable=False),
    Column("signed_at", Float, nullable=False),
    UniqueConstraint("model", "digest", name="registry_versions_digest"),
)

FILES = Table(
    "registry_files",
    METADATA,
    Column("model", String(128), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), primary_key=True),
    Column("digest", String(80), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("blob", String(255), nullable=False),
    Index("registry_files_blob", "blob"),
)

ALIASES = Table(
    "registry_aliases",
    METADATA,
    Column("model", String(128), primary_key=True),
    Column("alias", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("moved_at", Float, nullable=False),
)


@message
class ModelRow:
    """A model's own row: `last_number` was given to a version that may be gone."""

    name: str
    description: str
    task: str
    last_number: int
    created_at: float
    updated_at: float


async def hold_row(tx: Transaction, fresh: ModelRow) -> ModelRow:
    """Return a model's row, or the fresh one made; until this transaction ends, nobody else changes the model.

    Written before it is read: that is a lock on every database. Raise `ConflictError` if another made it just now.
    """
    held = update(MODELS).where(MODELS.c.name == fresh.name).values(updated_at=fresh.updated_at)
    if await tx.execute(held):
        return ModelRow(**(await tx.rows(select(MODELS).where(MODELS.c.name == fresh.name)))[0])
    await tx.execute(insert(MODELS).values(**_values(fresh)))
    return fresh


async def put_row(tx: Transaction, row: ModelRow) -> None:
    """Change a model's row that is held."""
    await tx.execute(update(MODELS).where(MODELS.c.name == row.name).values(**_values(row)))


async def models(tx: Transaction, request: ListModels) -> Sequence[Model]:
    """Return one model more than a page holds, by name."""
    counted = _counted()
    query = (
        select(MODELS, counted.c.latest, counted.c.versions)
        .join(counted, counted.c.model == MODELS.c.name)
        .where(MODELS.c.name > request.after)
        .order_by(MODELS.c.name)
        .limit(request.limit + 1)
    )
    rows = await tx.rows(query)
    aliases = await _aliases(tx, [row["name"] for row in rows])
    return [_model(row, aliases[row["name"]]) for row in rows]


async def find_model(tx: Transaction, name: str) -> Model | None:
    """Return a model that has a version, or None."""
    counted = _counted()
    query = select(MODELS, counted.c.latest, counted.c.versions).join(counted, counted.c.model == MODELS.c.name)
    rows = await tx.rows(query.where(MODELS.c.name == name))
    return _model(rows[0], (await _aliases(tx, [name]))[name]) if rows else None


async def add_version(tx: Transaction, version: Version, signature: Signature) -> None:
    """Insert a version and its files; raise `ConflictError` when the number or the digest is taken."""
    place = {"model": version.model, "number": version.number}
    await tx.execute(
        insert(VERSIONS).values(
            **place,
            digest=version.digest,
            facts=msgspec.json.encode(version.facts).decode(),
            card=version.card,
            lineage=msgspec.json.encode(version.lineage).decode(),
            created_at=version.created_at,
            created_by=version.created_by,
            key_id=signature.key_id,
            envelope=signature.envelope,
            signed_at=signature.signed_at,
        )
    )
    rows = [{**place, **{name: getattr(file, name) for name in _FILE_FIELDS}} for file in version.files]
    await tx.execute(insert(FILES), rows)


async def find_version(tx: Transaction, model: str, number: int) -> Version | None:
    """Return a version, or None."""
    found = await _versions(tx, await tx.rows(select(VERSIONS).where(*_is(model, number))))
    return found[0] if found else None


async def find_by_digest(tx: Transaction, model: str, digest: str) -> Version | None:
    """Return the version of a model that has this digest, or None."""
    query = select(VERSIONS).where(VERSIONS.c.model == model, VERSIONS.c.digest == digest)
    found = await _versions(tx, await tx.rows(query))
    return found[0] if found else None


async def versions(tx: Transaction, request: ListVersions) -> Sequence[Version]:
    """Return one version more than a page holds, newest first."""
    query = select(VERSIONS).where(VERSIONS.c.model == request.model)
    if request.after is not None:
        query = query.where(VERSIONS.c.number < request.after)
    return await _versions(tx, await tx.rows(query.order_by(VERSIONS.c.number.desc()).limit(request.limit + 1)))


async def remove_version(tx: Transaction, model: str, number: int) -> None:
    """Remove a version and its files' rows."""
    await tx.execute(delete(FILES).where(FILES.c.model == model, FILES.c.number == number))
    await tx.execute(delete(VERSIONS).where(*_is(model, number)))


async def held_blobs(tx: Transaction, blobs: Sequence[str]) -> set[str]:
    """Return which of these blobs some version holds."""
    rows = await tx.rows(select(FILES.c.blob).where(FILES.c.blob.in_(blobs)).distinct())
    return {row["blob"] for row in rows}


async def put_alias(tx: Transaction, model: str, alias: str, number: int, *, at: float) -> bool:
    """Make or move an alias; return whether it meant something else before."""
    here = (ALIASES.c.model == model, ALIASES.c.alias == alias)
    if await tx.rows(select(ALIASES.c.number).where(*here, ALIASES.c.number == number)):
        return False
    await upserts.put(tx, ALIASES, {"model": model, "alias": alias, "number": number, "moved_at": at})
    return True


async def remove_alias(tx: Transaction, model: str, alias: str) -> bool:
    """Take an alias away; return whether it was there."""
    return await tx.execute(delete(ALIASES).where(ALIASES.c.model == model, ALIASES.c.alias == alias)) == 1


async def aliases(tx: Transaction, model: str) -> Mapping[str, int]:
    """Return a model's aliases and the numbers they mean."""
    return (await _aliases(tx, [model]))[model]


def _values(row: ModelRow) -> dict[str, str | int | float]:
    return values_of(row)


_FILE_FIELDS = ("name", "digest", "size", "blob")


def _is(model: str, number: int):  # noqa: ANN202 - two column expressions, whose types only SQLAlchemy can spell
    return VERSIONS.c.model == model, VERSIONS.c.number == number


def _counted():  # noqa: ANN202 - a subquery, whose type only SQLAlchemy can spell
    latest, count = func.max(VERSIONS.c.number).label("latest"), func.count().label("versions")
    return select(VERSIONS.c.model, latest, count).group_by(VERSIONS.c.model).subquery()


async def _aliases(tx: Transaction, names: Sequence[str]) -> defaultdict[str, dict[str, int]]:
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in await tx.rows(select(ALIASES).where(ALIASES.c.model.in_(names)).order_by(ALIASES.c.alias)):
        found[row["model"]][row["alias"]] = row["number"]
    return found


async def _versions(tx: Transaction, rows: Sequence[RowMapping]) -> Sequence[Version]:
    if not rows:
        return []
    model, numbers = rows[0]["model"], [row["number"] for row in rows]
    files: defaultdict[int, list[ArtifactFile]] = defaultdict(list)
    query = select(FILES).where(FILES.c.model == model, FILES.c.number.in_(numbers)).order_by(FILES.c.name)
    for row in await tx.rows(query):
        files[row["number"]].append(ArtifactFile(**{name: row[name] for name in _FILE_FIELDS}))
    named = await aliases(tx, model)
    return [_version(row, files[row["number"]], named) for row in rows]


def _version(row: RowMapping, files: Sequence[ArtifactFile], named: Mapping[str, int]) -> Version:
    return Version(
        model=row["model"],
        number=row["number"],
        digest=row["digest"],
        facts=msgspec.json.decode(row["facts"], type=Facts),
        files=tuple(files),
        card=row["card"],
        lineage=msgspec.json.decode(row["lineage"], type=dict[str, str]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        signature=Signature(key_id=row["key_id"], envelope=row["envelope"], signed_at=row["signed_at"]),
        aliases=tuple(alias for alias, number in named.items() if number == row["number"]),
    )


def _model(row: RowMapping, aliases: Mapping[str, int]) -> Model:
    plain = {name: row[name] for name in Model.__dataclass_fields__ if name != "aliases"}
    return Model(**plain, aliases=aliases)
