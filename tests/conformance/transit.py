"""A small server of the Transit API, with keys in memory: what a key management server does for us, for real."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "s.token"


@dataclass
class Transit:
    """One key, `tulou`, at the mount `transit`; `sealed` makes it refuse as a server does that was just started."""

    versions: list[Fernet] = field(default_factory=lambda: [Fernet(Fernet.generate_key())])
    sealed: bool = False
    asked: list[str] = field(default_factory=list[str])

    def app(self) -> Starlette:
        routes = [
            Route("/v1/transit/encrypt/tulou", self.encrypt, methods=["POST"]),
            Route("/v1/transit/decrypt/tulou", self.decrypt, methods=["POST"]),
            Route("/v1/transit/keys/tulou/rotate", self.rotate, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def encrypt(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        plaintext = b64decode((await request.json())["plaintext"], validate=True)
        body = b64encode(self.versions[-1].encrypt(plaintext)).decode()
        return JSONResponse({"data": {"ciphertext": f"vault:v{len(self.versions)}:{body}"}})

    async def decrypt(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        try:
            _, version, body = (await request.json())["ciphertext"].split(":")
            plaintext = self.versions[int(version[1:]) - 1].decrypt(b64decode(body, validate=True))
        except (ValueError, IndexError, InvalidToken, InvalidTag):
            return JSONResponse({"errors": ["invalid ciphertext: could not decrypt"]}, status_code=400)
        return JSONResponse({"data": {"plaintext": b64encode(plaintext).decode()}})

    async def rotate(self, request: Request) -> Response:
        if refused := self._refused(request):
            return refused
        self.versions.append(Fernet(Fernet.generate_key()))
        return Response(status_code=204)

    def _refused(self, request: Request) -> Response | None:
        self.asked.append(request.url.path)
        if self.sealed:
            return JSONResponse({"errors": ["Vault is sealed"]}, status_code=503)
        if request.headers.get("x-vault-token") != TOKEN:
            return JSONResponse({"errors": ["permission denied"]}, status_code=403)
        return None
