"""`tulou login`, `logout`, `whoami` and `password`."""

import sys
from getpass import getpass
from typing import Annotated, Any

import httpx2
from cyclopts import App, Parameter

import tulou
from tulou.assembly.owner import ADMIN_EMAIL, ADMIN_PASSWORD
from tulou.assembly.running import read_standing
from tulou.cli.house import TIMEOUT_S, HouseClient, directory_of, house
from tulou.cli.options import DEFAULTS, Options, only_here
from tulou.cli.output import say, show
from tulou.cli.tokens import StoredSession, forget, keep
from tulou.kernel.addresses import without_userinfo
from tulou.kernel.errors import InvalidError, NotFoundError, UnavailableError


def register(app: App) -> None:
    """Add the commands."""
    app.command(login)
    app.command(logout)
    app.command(whoami)
    app.command(password)


def login(
    url: str = "",
    /,
    *,
    email: Annotated[str, Parameter(help="Who you are. [default: asked for]")] = "",
    code: Annotated[str, Parameter(help="Of your authenticator, or a recovery code. [default: asked for]")] = "",
    tenant: Annotated[str, Parameter(help="Of which, where several have an account for this address.")] = "",
    options: Options = DEFAULTS,
) -> None:
    """Sign in to a house, here or elsewhere; later commands with the same --url need no key.

    The password is asked for, or read from standard input where nobody can be asked.
    """
    gate = _gate(url, options)
    who = email or _ask("e-mail: ")
    body = {"email": who, "password": _secret("password: "), "code": code, "tenant": tenant}
    agent = {"user-agent": f"tulou/{tulou.__version__}"}
    with httpx2.Client(base_url=gate, headers=agent, timeout=TIMEOUT_S, trust_env=False) as http:
        here = HouseClient(http, gate)
        made = _signed_in(here, body)
    keep(gate, StoredSession(secret=made["secret"], session=made["session"], expires_at=made["expires_at"], email=who))
    shown = without_userinfo(gate)
    say(f"signed in to {shown} as {who}; `tulou logout {shown}` ends it")


def logout(url: str = "", /, *, options: Options = DEFAULTS) -> None:
    """End the session of `tulou login`, there and here."""
    gate = _gate(url, options)
    with house(Options(url=gate)) as here:
        here.post("/api/v1/sign-out")
    shown = without_userinfo(gate)
    say(f"signed out of {shown}" if forget(gate) else f"nobody was signed in to {shown}")


def whoami(*, options: Options = DEFAULTS) -> None:
    """Say who you are to the house, and what you may do."""
    with house(options) as here:
        me = here.get("/api/v1/me")
    row = {
        "TENANT": me["tenant"],
        "PRINCIPAL": me["principal"],
        "BY": "session" if me["session"] else "key",
        "ROLES": " ".join(me["roles"]),
        "PERMISSIONS": " ".join(me["permissions"]),
        "REACH": "house" if me["house"] else "tenant",
    }
    show(me, as_json=options.json, rows=[row], columns=list(row))


def password(*, options: Options = DEFAULTS) -> None:
    """Print the password that the first start made for `admin@localhost`; later ones are known to you alone."""
    only_here("password", options)
    file = directory_of(options) / "secrets" / ADMIN_PASSWORD
    try:
        found = file.read_text("ascii").strip()
    except OSError as error:
        raise NotFoundError(
            f"no {file} ({error.strerror}); `tulou people password admin` gives {ADMIN_EMAIL} another"
        ) from error
    show({"email": ADMIN_EMAIL, "password": found}, as_json=True, rows=[], columns=[]) if options.json else say(found)


def _gate(url: str, options: Options) -> str:
    """Return the address of the house that is meant: the one that is named, else the one that is up here."""
    named = url or options.url
    if named:
        return named.rstrip("/")
    directory = directory_of(options)
    standing = read_standing(directory)
    if standing is None:
        raise UnavailableError(f"no house is up in {directory}; name another: `tulou login https://...`")
    return standing.gate_url


def _signed_in(here: HouseClient, body: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = here.post("/api/v1/sign-in", body, token="true")  # noqa: S106 - a word of the query
    if made["second_factor"]:
        made = here.post("/api/v1/sign-in", body | {"code": _ask("code: ")}, token="true")  # noqa: S106 - a word of the query
    return made


def _ask(prompt: str) -> str:
    try:
        return input(prompt if sys.stdin.isatty() else "").strip()
    except EOFError as error:
        raise InvalidError(f"nobody answered {prompt.strip()!r}; pass it as an option") from error


def _secret(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass(prompt)
    return _ask(prompt)
