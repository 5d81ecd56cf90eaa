"""What no route answers: 405 with what would be allowed there, else 404; anybody may ask, so it must cost little."""

import re
from functools import cached_property

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Unknown:
    """Knows the paths of an app, from the first that nobody answers on."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raise the error of a path that is not there, or not asked so."""
        del receive, send
        path: str = scope["path"]
        answered = {method for regex, methods in self._known if regex.match(path) for method in methods}
        if allowed := [method for method in METHODS if method in answered]:
            raise HTTPException(405, headers={"allow": ", ".join(allowed)})
        raise HTTPException(404)

    @cached_property
    def _known(self) -> list[tuple[re.Pattern[str], frozenset[str]]]:
        contexts = iter_route_contexts([route for route in self._app.routes if not isinstance(route, Mount)])
        return [(context.path_regex, frozenset(context.methods or ())) for context in contexts]
