"""Second factors: time-based codes (RFC 6238), and codes that replace the authenticator once each."""

import hashlib
import hmac
import re
import secrets

from pyotp import random_base32
from pyotp.totp import TOTP

STEP_S = 30
WINDOW = 1
"""Steps to either side of now: clocks differ, and people type."""
RECOVERY_CODES = 10
_GROUPS, _GROUP = 4, 4
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""31 letters that nobody misreads: 16 of them are 79 random bits, too many to try, even against a stolen digest."""
_DIGITS = re.compile(r"[0-9]{6}")


def new_seed() -> str:
    """Return the secret of a new authenticator: 160 bits in base 32."""
    return random_base32()


def address_of(seed: str, *, account: str, house: str) -> str:
    """Return the `otpauth://` address that authenticators read from a QR code."""
    return TOTP(seed).provisioning_uri(name=account, issuer_name=house)


def step_of(seed: str, code: str, *, now: float, after: int) -> int | None:
    """Return the step a code belongs to, or None; steps up to `after` are used up."""
    if not _DIGITS.fullmatch(plain(code)):
        return None
    present = int(now) // STEP_S
    totp = TOTP(seed)
    matching = [
        step
        for step in range(present - WINDOW, present + WINDOW + 1)
        if hmac.compare_digest(totp.at(step * STEP_S), plain(code)) and step > after
    ]
    return matching[0] if matching else None


def new_recovery_codes() -> tuple[str, ...]:
    """Return ten fresh codes, as people copy them."""
    return tuple(
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    )


def recovery_digest(code: str, *, tenant: str, principal: str) -> str:
    """Return what is kept of a recovery code: SHA-256 over it and whose it is."""
    return hashlib.sha256(f"{tenant}\n{principal}\n{plain(code)}".encode("utf-8", "surrogatepass")).hexdigest()


def plain(code: str) -> str:
    """Return a code without what people and paper put between its letters."""
    return re.sub(r"[\s-]", "", code[:100]).lower()
