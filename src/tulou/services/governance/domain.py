"""The roles that every house has, and what roles, policies and entries of the trail may be."""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

import msgspec

from tulou.contracts.governance.messages import AuditEntry, Policy, Role
from tulou.contracts.metering.messages import Entry
from tulou.kernel.errors import InvalidError
from tulou.rules.rights.nouns import NOUNS, VERBS, reaches

PERMISSIONS_CAP = 100
TITLE_CAP = 200
DESCRIPTION_CAP = 2_000
ENTRIES_CAP = 1_000

COUNTED = frozenset({"address", "count", "first", "last"})
"""Tags by which an entry stands for several requests that were refused, and says whence they came."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_PERMISSION = re.compile(r"-?(?P<noun>[a-z][a-z-]*|\*):(?P<verb>[a-z]+|\*)")

CAPS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("id", "tenant", "principal", "action", "key", "code", "request_id"), 128),
        **dict.fromkeys(("resource", "reason"), 512),
        "detail": 8_192,
    }
)
"""Characters of each text of an entry; a longer one is cut, for what happened must be kept whatever it looks like."""


def _built_in(name: str, title: str, *permissions: str, house: bool = False) -> Role:
    return Role(name=name, title=title, permissions=permissions, house=house, built_in=True)


BUILT_IN: Mapping[str, Role] = MappingProxyType(
    {
        role.name: role
        for role in (
            _built_in("operator", "Runs the house: may do everything, to every tenant", "*:*", house=True),
            _built_in(
                *("admin", "Runs a tenant: its projects, people, keys and limits; sees all of it"),
                *("projects:*", "principals:*", "sessions:*", "keys:*", "limits:*", "*:read", "*:use"),
            ),
            _built_in(
                *("developer", "Builds on models: makes keys, uses models, files and batches, sees usage and limits"),
                *("keys:*", "models:read", "*:use", "usage:read", "limits:read", "prices:read", "projects:read"),
                *("routes:read", "overview:read", "first-start:read"),
            ),
            _built_in("viewer", "Sees everything of a tenant but the audit trail", "*:read", "-audit:*"),
            _built_in(
                *("auditor", "Sees who did what, who may do what, and what it cost"),
                *("audit:read", "usage:read", "ledger:read", "policies:read", "roles:read"),
            ),
        )
    }
)


def check_role(role: Role) -> None:
    """Raise `InvalidError` naming the first field that cannot be."""
    _check_name("role", role.name)
    _check_words("title", role.title, TITLE_CAP)
    if not 1 <= len(role.permissions) <= PERMISSIONS_CAP or len(set(role.permissions)) != len(role.permissions):
        raise InvalidError(f"permissions are 1 to {PERMISSIONS_CAP}, each once", param="permissions")
    for place, permission in enumerate(role.permissions):
        _check_permission(permission, role, f"permissions[{place}]")


def check_policy(policy: Policy) -> None:
    """Raise `InvalidError` naming the first field that cannot be; the text is the language's business."""
    _check_name("policy", policy.name)
    _check_words("description", policy.description, DESCRIPTION_CAP)


def clean(entry: AuditEntry) -> AuditEntry:
    """Return an entry that every database can keep as it is: texts cut, without NUL and halves of characters."""
    return replace(entry, **{name: _clean(getattr(entry, name))[:cap] for name, cap in CAPS.items()})


def refused(entry: Entry) -> AuditEntry:
    """Return the entry of a request for inference that was refused; told twice, it is one entry.

    One that stands for requests of nobody who is known says how many they were, and whence they came.
    """
    detail = {"endpoint": entry.endpoint, "status": entry.status, "refused_by": entry.refused_by}
    if not entry.key:
        detail |= {name: value for name, value in entry.tags if name in COUNTED}
    return AuditEntry(
        id=f"refused_{entry.id}",
        at=entry.at,
        tenant=entry.tenant,
        principal=entry.principal,
        key=entry.key,
        action="models:use",
        resource=f"model/{entry.model}",
        outcome="denied",
        code=entry.code,
        request_id=entry.request_id,
        detail=msgspec.json.encode(detail).decode(),
    )


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidError(f"the {kind} {name[:100]!r} is not 1 to 63 small letters, digits or ._-", param="name")


def _check_words(param: str, text: str, cap: int) -> None:
    if len(text) > cap or "\0" in text:
        raise InvalidError(f"{param} has {len(text)} characters; at most {cap}", param=param)


def _check_permission(permission: str, role: Role, param: str) -> None:
    match = _PERMISSION.fullmatch(permission)
    if match is None:
        raise InvalidError(f"{param} {permission[:100]!r} is not of the form `<noun>:<verb>`", param=param)
    _check_known("noun", match["noun"], sorted(NOUNS), param)
    _check_known("verb", match["verb"], VERBS, param)
    if "*" not in permission and not permission.startswith("-") and not reaches(role, permission):
        raise InvalidError(
            f"{param}: {permission} is about the whole house; give the role `house`, or leave this out", param=param
        )


def _check_known(what: str, word: str, known: tuple[str, ...] | list[str], param: str) -> None:
    if word != "*" and word not in known:
        near = get_close_matches(word, known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
        raise InvalidError(f"{param}: no permission has the {what} {word!r}{meant}", param=param)
