"""Where a browser thinks that this house is; gateways say it, and overwrite what others say."""

from starlette.requests import Request


def is_secure(request: Request) -> bool:
    """Say whether the browser came over TLS."""
    return _scheme(request) == "https"


def house_of(request: Request) -> str:
    """Return the house's address as the browser has it, such as `https://tulou.example`."""
    host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    return f"{_scheme(request)}://{host}"


def _scheme(request: Request) -> str:
    return request.headers.get("x-forwarded-proto", request.scope["scheme"])
