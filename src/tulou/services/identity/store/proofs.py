"""What proves that somebody is a principal: passwords, authenticators, recovery codes."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, insert, update

from tulou.ports.database import Transaction
from tulou.services.identity.store.principals import Owner
from tulou.services.identity.store.tables import PRINCIPALS, RECOVERY


async def set_password(tx: Transaction, owner: Owner, hashed: str) -> None:
    """Keep the hash of a password."""
    await tx.execute(update(PRINCIPALS).where(*_is(owner)).values(password=hashed))


async def replace_password(tx: Transaction, owner: Owner, *, seen: str, hashed: str) -> bool:
    """Keep another hash unless the one seen was replaced meanwhile; return whether it was kept."""
    unchanged = PRINCIPALS.c.password == seen
    return bool(await tx.execute(update(PRINCIPALS).where(*_is(owner), unchanged).values(password=hashed)))


async def begin_factor(tx: Transaction, owner: Owner, sealed: str) -> None:
    """Keep the secret of an authenticator that no code has confirmed yet."""
    await tx.execute(update(PRINCIPALS).where(*_is(owner)).values(factor_begun=sealed))


async def confirm_factor(tx: Transaction, owner: Owner, *, sealed: str, step: int, codes: Iterable[str]) -> bool:
    """Ask for this authenticator from now on; return False if another was begun meanwhile."""
    begun = PRINCIPALS.c.factor_begun == sealed
    values = {"factor": sealed, "factor_begun": "", "factor_step": step}
    if not await tx.execute(update(PRINCIPALS).where(*_is(owner), begun).values(**values)):
        return False
    await tx.execute(delete(RECOVERY).where(*_whose(owner)))
    rows = [{"tenant": owner[0], "principal": owner[1], "digest": digest} for digest in codes]
    await tx.execute(insert(RECOVERY), rows)
    return True


async def use_step(tx: Transaction, owner: Owner, step: int) -> bool:
    """Use up the codes up to a step; return False if they are used up already."""
    unused = PRINCIPALS.c.factor_step < step
    return bool(await tx.execute(update(PRINCIPALS).where(*_is(owner), unused).values(factor_step=step)))


async def use_recovery(tx: Transaction, owner: Owner, digest: str) -> bool:
    """Use up a recovery code; return whether there was one."""
    return bool(await tx.execute(delete(RECOVERY).where(*_whose(owner), RECOVERY.c.digest == digest)))


async def remove_factor(tx: Transaction, owner: Owner) -> None:
    """Forget the authenticator and its recovery codes."""
    await tx.execute(delete(RECOVERY).where(*_whose(owner)))
    await tx.execute(update(PRINCIPALS).where(*_is(owner)).values(factor="", factor_begun=""))


def _is(owner: Owner) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (PRINCIPALS.c.tenant == owner[0], PRINCIPALS.c.name == owner[1])


def _whose(owner: Owner) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (RECOVERY.c.tenant == owner[0], RECOVERY.c.principal == owner[1])
