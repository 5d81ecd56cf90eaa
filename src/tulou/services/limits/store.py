"""All SQL of the limits service."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from tulou.chassis import upserts
from tulou.chassis.rows import count_rows, find_row, values_of
from tulou.contracts.limits.messages import Limit, Period, Share
from tulou.ports.database import Transaction
from tulou.rules.limits.terms import SECONDS
from tulou.services.limits.domain.account import GatewayShare, LimitAccount

METADATA = MetaData()

LIMITS = Table(
    "limits_limits",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("measure", String(16), nullable=False),
    Column("amount", Float, nullable=False),
    Column("period", String(16), nullable=False),
    Column("models", Text, nullable=False),
    Column("edge", String(16), nullable=False),
    Column("away", String(16), nullable=False),
    Column("warn_at", Text, nullable=False),
    Column("made_at", Float, nullable=False),
)
ACCOUNTS = Table(
    "limits_accounts",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("unit", String(32), nullable=False),
    Column("at", Float, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("held", Text, nullable=False),
    Column("seen", Float, nullable=False, server_default="0"),
)
"""`unit` is what is counted in which period; an account in another unit than its limit's says nothing."""
GATEWAYS = Table(
    "limits_gateways",
    METADATA,
    Column("gateway", String(64), primary_key=True),
    Column("told", String(64), nullable=False),
    Column("reply", Text, nullable=False),
    Column("at", Float, nullable=False),
)
WARNINGS = Table(
    "limits_warnings",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("subject", String(200), primary_key=True),
    Column("period", Float, primary_key=True),
    Column("share", Float, primary_key=True),
)
AUTHORITY = Table(
    "limits_authority",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("alive_at", Float, nullable=False),
)
ONE = "one"
NOTHING_HELD = "{}"
TOGETHER = 200
"""Subjects asked for in one statement: databases cap the parameters of one."""

_UPDATE_ACCOUNT = (
    update(ACCOUNTS)
    .where(ACCOUNTS.c.name == bindparam("its_name"), ACCOUNTS.c.subject == bindparam("its_subject"))
    .values({name: bindparam(f"its_{name}") for name in ("unit", "at", "used", "held", "seen")})
)

Pair = tuple[str, str]
"""A limit's name and a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLimit:
    """A limit, and since when its amount has been counted in its unit."""

    limit: Limit
    made_at: float

    @property
    def unit(self) -> str:
        """What is counted, and over what time."""
        return unit_of(self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastMessage:
    """The last message of a gateway, and the shares that answered what of it is counted in the database."""

    told: str
    shares: tuple[Share, ...]


def unit_of(limit: Limit) -> str:
    """Return what a limit counts, and over what time."""
    return f"{limit.measure}/{limit.period}"


async def page(tx: Transaction, *, after: str, limit: int, tenant: str = "") -> Sequence[StoredLimit]:
    """Return limits beyond a name, of a tenant or all, in the order of their names."""
    query = select(LIMITS).where(LIMITS.c.name > after).order_by(LIMITS.c.name).limit(limit)
    return [_defined(row) for row in await tx.rows(query.where(LIMITS.c.tenant == tenant) if tenant else query)]


async def named(tx: Transaction, names: Sequence[str]) -> Sequence[StoredLimit]:
    """Return those of the limits named that there are."""
    found: list[StoredLimit] = []
    for start in range(0, len(names), TOGETHER):
        query = select(LIMITS).where(LIMITS.c.name.in_(names[start : start + TOGETHER]))
        found += [_defined(row) for row in await tx.rows(query)]
    return found


async def find(tx: Transaction, name: str) -> StoredLimit | None:
    """Return a limit, or None."""
    return await find_row(tx, select(LIMITS).where(LIMITS.c.name == name), _defined)


async def count(tx: Transaction, tenant: str = "") -> int:
    """Return how many limits there are, or how many of a tenant."""
    return await count_rows(tx, LIMITS, *([LIMITS.c.tenant == tenant] if tenant else []))


async def put(tx: Transaction, defined: StoredLimit) -> None:
    """Insert or replace a limit."""
    limit = defined.limit
    row = values_of(limit)
    row |= {"models": _json(limit.models), "warn_at": _json(limit.warn_at), "made_at": defined.made_at}
    await upserts.put(tx, LIMITS, row)


async def remove(tx: Transaction, name: str) -> None:
    """Delete a limit, with all that was counted of it."""
    await tx.execute(delete(LIMITS).where(LIMITS.c.name == name))
    await forget(tx, name)


async def forget(tx: Transaction, name: str) -> None:
    """Delete what was counted of a limit."""
    await tx.execute(delete(ACCOUNTS).where(ACCOUNTS.c.name == name))


async def warn_anew(tx: Transaction, name: str) -> None:
    """Forget that anybody was warned of a limit."""
    await tx.execute(delete(WARNINGS).where(WARNINGS.c.name == name))


async def take_turn(tx: Transaction, now: float) -> None:
    """Say that the authority lives; until this transaction ends, no other process counts."""
    await upserts.put(tx, AUTHORITY, {"name": ONE, "alive_at": now})


async def alive_at(tx: Transaction) -> float:
    """Return when the authority was last known to live; 0 if it never was."""
    rows = await tx.rows(select(AUTHORITY.c.alive_at).where(AUTHORITY.c.name == ONE))
    return rows[0]["alive_at"] if rows else 0.0


async def accounts(tx: Transaction, pairs: Iterable[Pair], units: Mapping[str, str]) -> dict[Pair, LimitAccount]:
    """Return those of the accounts that there are and that count in their limit's unit."""
    by_name: dict[str, list[str]] = {}
    for name, subject in pairs:
        by_name.setdefault(name, []).append(subject)
    found: dict[Pair, LimitAccount] = {}
    for name, subjects in by_name.items():
        for start in range(0, len(subjects), TOGETHER):
            some = subjects[start : start + TOGETHER]
            rows = await tx.rows(select(ACCOUNTS).where(ACCOUNTS.c.name == name, ACCOUNTS.c.subject.in_(some)))
            found |= {(name, row["subject"]): _account(row, units[name]) for row in rows}
    return found


async def accounts_of(tx: Transaction, units: Mapping[str, str], *, limit: int) -> dict[Pair, LimitAccount]:
    """Return the accounts of limits that count in their units, those first of which most is used."""
    names, found = list(units), dict[Pair, LimitAccount]()
    for start in range(0, len(names), TOGETHER):
        some = names[start : start + TOGETHER]
        query = select(ACCOUNTS).where(ACCOUNTS.c.name.in_(some)).order_by(ACCOUNTS.c.used.desc(), ACCOUNTS.c.subject)
        for row in await tx.rows(query.limit(limit)):
            if row["unit"] == units[row["name"]]:
                found[row["name"], row["subject"]] = _account(row, row["unit"])
    return found


async def save(
    tx: Transaction, changed: Mapping[Pair, LimitAccount], units: Mapping[str, str], known: Iterable[Pair]
) -> None:
    """Write accounts; `known` are those that have a row already."""
    rows = {pair: _row(pair, account, units[pair[0]]) for pair, account in changed.items()}
    old = set(known) & rows.keys()
    if fresh := [row for pair, row in rows.items() if pair not in old]:
        await tx.execute(insert(ACCOUNTS), fresh)
    if told := [{f"its_{name}": value for name, value in rows[pair].items()} for pair in old]:
        await tx.execute(_UPDATE_ACCOUNT, told)


async def purge(tx: Transaction, period: Period, *, before: float, held: bool) -> None:
    """Delete the accounts of a period that count nothing since before a time; with `held`, also what is held of them.

    All limits at once: a statement for each would take longer than the time between two sweeps.
    """
    idle = [ACCOUNTS.c.unit.endswith(f"/{period}"), ACCOUNTS.c.at < before]
    await tx.execute(delete(ACCOUNTS).where(*(idle if held else [*idle, ACCOUNTS.c.held == NOTHING_HELD])))


async def heard(tx: Transaction, gateways: Sequence[str]) -> dict[str, LastMessage]:
    """Return the last message of each gateway that has told something."""
    rows = await tx.rows(select(GATEWAYS).where(GATEWAYS.c.gateway.in_(gateways)))
    return {
        row["gateway"]: LastMessage(told=row["told"], shares=msgspec.json.decode(row["reply"], type=tuple[Share, ...]))
        for row in rows
    }


async def hear(tx: Transaction, gateway: str, heard: LastMessage, *, at: float) -> None:
    """Keep the last message of a gateway."""
    said = {"gateway": gateway, "told": heard.told, "reply": _json(heard.shares), "at": at}
    await upserts.put(tx, GATEWAYS, said)


async def forget_gateways(tx: Transaction, *, before: float) -> None:
    """Delete the gateways that have been silent since before a time."""
    await tx.execute(delete(GATEWAYS).where(GATEWAYS.c.at < before))


async def warn_once(tx: Transaction, pair: Pair, *, period: float, share: float) -> bool:
    """Note a warning; return whether it was not given yet in its period."""
    row = {"name": pair[0], "subject": pair[1], "period": period, "share": share}
    return await upserts.add_once(tx, WARNINGS, row)


async def forget_warnings(tx: Transaction, *, before: float, rates_before: float) -> None:
    """Delete the warnings of periods that began before a time; rates, whose periods are short, have their own time."""
    rates = select(LIMITS.c.name).where(LIMITS.c.period.in_(SECONDS))
    for_rates = and_(WARNINGS.c.period < rates_before, WARNINGS.c.name.in_(rates))
    await tx.execute(delete(WARNINGS).where(or_(WARNINGS.c.period < before, for_rates)))


def _defined(row: RowMapping) -> StoredLimit:
    plain = {name: row[name] for name in Limit.__dataclass_fields__ if name not in ("models", "warn_at")}
    models = msgspec.json.decode(row["models"], type=tuple[str, ...])
    warn_at = msgspec.json.decode(row["warn_at"], type=tuple[float, ...])
    return StoredLimit(limit=Limit(**plain, models=models, warn_at=warn_at), made_at=row["made_at"])


def _account(row: RowMapping, unit: str) -> LimitAccount:
    if row["unit"] != unit:
        return LimitAccount()
    held = msgspec.json.decode(row["held"], type=dict[str, GatewayShare])
    return LimitAccount(at=row["at"], used=row["used"], held=held, seen=row["seen"])


def _row(pair: Pair, account: LimitAccount, unit: str) -> dict[str, object]:
    held = _json(account.held) if account.held else NOTHING_HELD
    return {
        "name": pair[0],
        "subject": pair[1],
        "unit": unit,
        "at": account.at,
        "used": account.used,
        "held": held,
        "seen": account.seen,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
