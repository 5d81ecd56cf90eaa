"""Watches one request go by, and holds its answer back until what has come of it has been told."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, QueryParams
from starlette.types import Message, Receive, Scope, Send

from tulou.chassis.rest.callers import COOKIE, SAFE
from tulou.chassis.rest.declared import INFERENCE, Declared, declared_of
from tulou.chassis.rest.notes import notes_of
from tulou.chassis.rest.reasons import reason_of
from tulou.chassis.telemetry.redaction import redact_text
from tulou.contracts.governance.messages import Outcome
from tulou.kernel.context import CONTEXT

SENT_CAP = 64 * 1024
"""Bytes of a request's body that are kept for the trail."""

QUERY_ITEMS, QUERY_CAP = 20, 200
COMMAND_LINE = "tulou-cli"
"""How the `User-Agent` of our own command line begins."""

SIGN_IN, SIGN_OUT = "sign-in", "sign-out"
TURNED_AWAY = frozenset({401, 403})
TOO_OFTEN = 429


class Witness:
    """What is known of a request once its answer begins: it ends in a status, and `notes` are what was said of it."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, tell: Callable[["Witness"], Awaitable[None]]
    ) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._tell = tell
        self._headers = Headers(scope=scope)
        self._told = False
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.sent = bytearray()
        self.status = 0
        self.notes = notes_of(scope)

    async def receive(self) -> Message:
        """Pass on what comes, and keep the beginning of it."""
        message = await self._receive()
        if not self.beside_inference:  # what is uploaded there is nobody's business
            self.sent += message.get("body", b"")[: SENT_CAP - len(self.sent)]
        return message

    async def send(self, message: Message) -> None:
        """Pass on what goes out, once the request has been told of if it is to be."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            await self._tell_once()
        await self._send(message)

    async def broke(self) -> None:
        """Tell of a request that ended in a bug."""
        self.status = self.status or 500
        await self._tell_once()

    async def _tell_once(self) -> None:
        if not self._told and self._matters():
            self._told = True
            await self._tell(self)

    @property
    def declared(self) -> Declared | None:
        """What the route says of itself, once it is known; None where no route answers."""
        return declared_of(self.scope)

    @property
    def noun(self) -> str:
        """Of which things it is one: the first part of where the trail finds them; empty where no route answers."""
        return self.declared.place if self.declared else ""

    @property
    def outcome(self) -> Outcome:
        """Whether it was done, or its caller turned away, or it failed otherwise."""
        if self.status in TURNED_AWAY or (self.noun == SIGN_IN and self.status == TOO_OFTEN):
            return "denied"
        if self.noun == SIGN_IN and not self.notes.session:
            return "denied"  # a second factor is asked for, or a provider sent nobody back: no one got in
        return "done" if self.status < 400 else "failed"  # noqa: PLR2004 - where failures begin

    @property
    def failure(self) -> tuple[str, str]:
        """Code and words of what went wrong; empty where nothing did."""
        if self.outcome == "done":
            return "", ""
        code = self.notes.code or ("not_signed_in" if self.noun == SIGN_IN else "internal")
        return code, redact_text(self.notes.why)

    @property
    def reason(self) -> str:
        """What the caller says it was done for."""
        return reason_of(self._headers)

    @property
    def query(self) -> dict[str, str]:
        """What the query of a change says, which may name what is meant; of what signs somebody in, nothing."""
        if self.method in SAFE or self.noun in (SIGN_IN, SIGN_OUT):
            return {}
        given = QueryParams(self.scope.get("query_string", b""))
        return {name[:QUERY_CAP]: value[:QUERY_CAP] for name, value in list(given.items())[:QUERY_ITEMS]}

    @property
    def made(self) -> str:
        """The id of what was made, such as a key's; empty where nothing was, or it has none."""
        return self.notes.made if self.outcome == "done" else ""

    @property
    def via(self) -> str:
        """By way of what it was asked for: the console, the command line, or the API."""
        if CONTEXT.get().session:
            return "console"
        return "cli" if self._headers.get("user-agent", "").startswith(COMMAND_LINE) else "api"

    @property
    def operation(self) -> str:
        """The name of the route, such as `create_key`."""
        return getattr(self.scope.get("route"), "name", "")

    @property
    def beside_inference(self) -> bool:
        """Whether it is about what stands beside inference, such as files."""
        return self.path.startswith(INFERENCE)

    def _matters(self) -> bool:
        """Every change, everybody who signs in, and everybody who was turned away with whatever proof they brought."""
        changes = self.method not in SAFE and not self.beside_inference
        if self.noun == SIGN_IN:
            return changes or self.path.endswith("/callback")
        return (changes or self.status in TURNED_AWAY) and (bool(CONTEXT.get().principal) or self._brought_a_proof())

    def _brought_a_proof(self) -> bool:
        names = ("authorization", "x-api-key")
        return any(self._headers.get(name) for name in names) or COOKIE in self._headers.get("cookie", "")
