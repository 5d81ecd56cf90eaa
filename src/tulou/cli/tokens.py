"""Sessions of this person at houses elsewhere, in a file that only they can read: `~/.config/tulou/sessions.json`."""

import os
from pathlib import Path

import msgspec

from tulou.chassis.whole_files import replace_file
from tulou.kernel.errors import ForbiddenError, InvalidError

OTHERS = 0o077


class StoredSession(msgspec.Struct):
    """The secret of a session, its id, and until when it lives at most."""

    secret: str
    session: str
    expires_at: float
    email: str


def file_of() -> Path:
    """Return where they lie; `XDG_CONFIG_HOME` may say another folder than `~/.config`."""
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "tulou" / "sessions.json"


def stored_session(url: str) -> str:
    """Return the secret for a house, empty where nobody has signed in."""
    found = _read().get(url)
    return found.secret if found else ""


def keep(url: str, stored: StoredSession) -> None:
    """Keep a session for a house."""
    _write(_read() | {url: stored})


def forget(url: str) -> bool:
    """Forget a house's session; return whether there was one."""
    kept = _read()
    found = kept.pop(url, None)
    if found:
        _write(kept)
    return found is not None


def _read() -> dict[str, StoredSession]:
    file = file_of()
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & OTHERS:
                raise ForbiddenError(f"{file} may be read by others: `chmod 600 {file}`, then `tulou login` anew")
            return msgspec.json.decode(opened.read(), type=dict[str, StoredSession])
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError as error:
        raise InvalidError(f"{file} is damaged ({error}); remove it and sign in again") from error


def _write(kept: dict[str, StoredSession]) -> None:
    file = file_of()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(file, msgspec.json.encode(kept))
