"""What a key may make, or let in again: no key that asks for more models or lives longer than itself."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from tulou.contracts.identity.messages import CreateKey, Key
from tulou.kernel.errors import ForbiddenError

EVERY_MODEL = "*"
MOST_MAKERS = 8


def check_within(request: CreateKey | Key, maker: Key) -> None:
    """Raise `ForbiddenError` naming the first field in which a key would reach beyond the one that asks for it.

    Of scopes there is nothing to check: making keys takes `admin`, from which `inference` may be made.
    """
    for place, model in enumerate(request.models):
        if not _covered(model, maker.models):
            own = ", ".join(maker.models)
            raise ForbiddenError(
                f"the key that asks is for {own}, which does not cover {model!r}; ask for models among these, or use "
                "a wider key",
                param=f"models[{place}]",
            )
    ends = maker.expires_at
    if ends is not None and (request.expires_at is None or request.expires_at > ends):
        raise ForbiddenError(
            f"the key that asks expires at {ends:.0f}; give expires_at and nothing later, or use one that lives longer",
            param="expires_at",
        )


def makers_of(request: CreateKey, maker: Key | None) -> tuple[str, ...]:
    """Return the keys whose limits bind a key that is made: those of a principal that makes itself another one.

    Raise `ForbiddenError` where they would be more than are kept. Who makes keys for others is bound by what is the
    others', and their keys are not what the maker uses.
    """
    if maker is None or (maker.tenant, maker.principal) != (request.tenant, request.principal):
        return ()
    if len(maker.makers) >= MOST_MAKERS:
        raise ForbiddenError(f"the key that asks was made by a key that was made by a key, {MOST_MAKERS} times over")
    return (*maker.makers, maker.id)


def is_narrow(key: Key) -> bool:
    """Say whether a key is for some models alone, or ends by itself."""
    return key.expires_at is not None or EVERY_MODEL not in key.models


def _covered(model: str, patterns: Sequence[str]) -> bool:
    return any(pattern in (EVERY_MODEL, model) or _is_part(model, pattern) for pattern in patterns)


def _is_part(model: str, pattern: str) -> bool:
    """Say whether all that a name or pattern means is meant by another pattern too.

    A pattern within a pattern is looked for where the wider one ends in its only `*`; of others equality alone is sure.
    """
    if not set("*?[") & set(model):
        return fnmatchcase(model, pattern)
    head = pattern.removesuffix("*")
    return head != pattern and not set("*?[") & set(head) and model.startswith(head)
