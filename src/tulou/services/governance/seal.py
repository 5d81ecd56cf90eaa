"""The seal: where the trail ended last, signed, and kept beside the secrets instead of in the database.

A chain of hashes shows that nothing inside it was changed, but not that its end was cut off, nor that all of it was
written anew by somebody who has the database. Both leave the seal behind, which says otherwise.
"""

import asyncio
import hmac
import secrets as randomness
from hashlib import sha256

import msgspec
import structlog

from tulou.contracts.governance.messages import AuditRecord
from tulou.kernel.errors import TulouError
from tulou.kernel.message import message
from tulou.ports.database import Database
from tulou.ports.secrets import Secrets
from tulou.services.governance.store import records as record_store
from tulou.services.governance.store.records import TrailHead

KEY = "audit-key"
SEAL = "audit-head"

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


@message
class SealedHead:
    """A head, and the proof that this house wrote it down."""

    sequence: int
    hash: str
    proof: str


def removal(first: int, last: int, previous: str, link: str) -> str:
    """Return the text that is signed for records that were removed; no head has one like it."""
    return f"removed:{first}:{last}:{previous}:{link}"


class HeadSeal:
    """Moved after every append; never back, and never on when the trail below it has changed."""

    def __init__(self, secrets: Secrets, database: Database) -> None:
        self._secrets = secrets
        self._database = database
        self._turn = asyncio.Lock()
        self._key = b""

    async def read(self) -> TrailHead | None:
        """Return the head that is sealed; None if none is; raise `TulouError` if the seal is not ours."""
        kept = await self._secrets.find(SEAL)
        if kept is None:
            return None
        try:
            sealed = msgspec.json.decode(kept, type=SealedHead)
        except msgspec.MsgspecError as error:
            raise TulouError(f"the secret {SEAL} is no seal: {error}") from error
        if not hmac.compare_digest(sealed.proof, await self._proof(sealed.sequence, sealed.hash)):
            raise TulouError(f"the secret {SEAL} was not written by this house: its proof does not fit {KEY}")
        return TrailHead(sequence=sealed.sequence, hash=sealed.hash)

    async def move(self) -> None:
        """Seal the trail's end; a seal that does not fit the trail stays, and so does what it proves."""
        async with self._turn:
            try:
                await self._move()
            except TulouError as error:  # what was recorded is recorded; the next append seals it as well
                log.error("audit_trail_not_sealed", error=str(error))  # noqa: TRY400 - no bug of ours

    async def sign(self, text: str) -> str:
        """Return the proof that this house wrote a text."""
        if not self._key:
            self._key = await self._secrets.create(KEY, randomness.token_hex(32).encode())
        return hmac.new(self._key, text.encode(), sha256).hexdigest()

    async def why_forged(self, record: AuditRecord) -> str:
        """Return why what stands for removed records is not this house's; empty if it is, or if it is a record."""
        if not record.removed:
            return ""
        first = record.sequence - record.removed + 1
        proof = await self.sign(removal(first, record.sequence, record.previous, record.hash))
        if hmac.compare_digest(record.proof.encode(), proof.encode()):
            return ""
        return f"records {first} to {record.sequence} were not removed by this house: the proof does not fit {KEY}"

    async def _move(self) -> None:
        sealed = await self.read()
        async with self._database.reading() as tx:
            end = await record_store.head(tx)
            below = await record_store.record(tx, sealed.sequence) if sealed else None
        if sealed and (below is None or below.hash != sealed.hash):
            log.error("audit_trail_broken", sealed=sealed.sequence, ends=end.sequence, hint="tulou audit verify")
            return
        proof = await self._proof(end.sequence, end.hash)
        fresh = SealedHead(sequence=end.sequence, hash=end.hash, proof=proof)
        await self._secrets.put(SEAL, msgspec.json.encode(fresh))

    async def _proof(self, sequence: int, link: str) -> str:
        return await self.sign(f"{sequence}:{link}")
