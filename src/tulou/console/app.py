"""The web console as an ASGI application: pages for addresses, files for names, headers that let in nothing else."""

from pathlib import Path, PurePosixPath

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tulou.console.site import ASSETS, ConsoleSite, SiteFile

BUILT = Path(__file__).parent / "dist"

# `data:` is for the picture that sets a second factor up
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
MACHINES = ("api/", "v1/", "rpc/", ASSETS)
"""A path under one of these is asked for by programs: where it is unknown, a page would only mislead them."""

NOT_BUILT = """<!doctype html>
<html lang="en">
<title>Tulou: the console is not built</title>
<h1>The console is not built</h1>
<p>The house itself runs; only its web pages are missing. Run <code>make console</code> (it needs Node 20 or later),
then load this page again.</p>
<p>The command line works without it: <code>tulou status</code>.</p>
</html>
"""


def console_app(folder: Path = BUILT) -> Starlette:
    """Return the application over a built folder, which may be built, or built again, while it serves."""
    site = ConsoleSite(folder)

    def serve(request: Request) -> Response:
        files = site.files()
        if not files:
            return HTMLResponse(NOT_BUILT, status_code=503, headers={**HEADERS, "cache-control": "no-store"})
        file = _find(files, request.path_params["path"].strip("/"))
        return _reply(request, file) if file else _missing(request.scope["path"])

    return Starlette(routes=[Route("/{path:path}", serve, methods=["GET"])])


def _find(files: dict[str, SiteFile], path: str) -> SiteFile | None:
    """Return the file of that name, the page of that folder, or the console's one page for any other address."""
    named = files.get(path) or files.get(f"{path}/index.html")
    if named:
        return named
    is_file = PurePosixPath(path).suffix in {".js", ".css", ".html", ".json", ".map", ".svg", ".ico", ".png", ".txt"}
    return None if is_file or f"{path}/".startswith(MACHINES) else files["index.html"]


def _reply(request: Request, file: SiteFile) -> Response:
    headers = {
        **HEADERS,
        "cache-control": FOR_EVER if file.immutable else ASK_AGAIN,
        "etag": file.etag,
        "vary": "accept-encoding",
    }
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, headers={**headers, "content-encoding": "gzip"}, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)


def _missing(path: str) -> Response:
    error = {"message": f"nothing lies at {path}", "type": "not_found", "param": None, "code": "not_found"}
    return JSONResponse({"error": error}, status_code=404, headers={**HEADERS, "cache-control": "no-store"})
