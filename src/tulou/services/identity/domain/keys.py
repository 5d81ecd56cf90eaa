"""What a key may be made of, and when it opens nothing any more."""

import re
from collections.abc import Sequence
from typing import get_args

from tulou.contracts.identity.messages import CreateKey, Key, Scope
from tulou.kernel.errors import InvalidError
from tulou.services.identity.domain.names import check_line, check_name

NAME_CAP = 100
MODELS_CAP = 100

_MODEL = re.compile(r"[A-Za-z0-9*?][A-Za-z0-9._:/*?-]{0,127}")


def check_create(request: CreateKey, *, now: float) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    check_line("name", request.name, least=1, most=NAME_CAP)
    for param in ("principal", "tenant", "project"):
        check_name(param, getattr(request, param))
    _check_scopes(request.scopes)
    _check_models(request.models)
    if request.expires_at is not None and not now < request.expires_at < float("inf"):
        raise InvalidError("expires_at is not in the future; it counts Unix seconds", param="expires_at")


def why_not_valid(key: Key, *, now: float) -> str:
    """Return why a key opens nothing any more; empty if it does."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and now >= key.expires_at:
        return "expired"
    return "disabled" if key.disabled else ""


def _check_scopes(scopes: Sequence[Scope]) -> None:
    known = get_args(Scope)
    if not scopes or len(set(scopes)) != len(scopes) or not set(scopes) <= set(known):
        raise InvalidError(f"scopes must be one or more of {', '.join(known)}, each once", param="scopes")


def _check_models(models: Sequence[str]) -> None:
    if not 1 <= len(models) <= MODELS_CAP:
        raise InvalidError(f"models has {len(models)} entries; it may have 1 to {MODELS_CAP}", param="models")
    for place, model in enumerate(models):
        if not _MODEL.fullmatch(model):
            param = f"models[{place}]"
            raise InvalidError(f"{param} is no name or pattern of a model; `*` stands for all", param=param)
