"""The OpenAPI document, which is written once: it is large, and anybody may read it."""

import json

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response


class OpenApiDocument:
    """The document of an app, as bytes from the first reader on."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._written: bytes | None = None

    async def read(self, request: Request) -> Response:
        """Return the document."""
        del request
        if self._written is None:
            self._written = json.dumps(self._app.openapi(), ensure_ascii=False, separators=(",", ":")).encode()
        return Response(self._written, media_type="application/json")
