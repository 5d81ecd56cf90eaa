"""What a limit may be."""

import re
from dataclasses import replace
from math import isfinite

from tulou.contracts.limits.measures import MEASURES
from tulou.contracts.limits.messages import Limit
from tulou.kernel.errors import InvalidError
from tulou.services.limits.domain.naming import base

SUBJECT_CAP = 200
NAME_CAP = 100
MODELS_CAP = 100
WARN_CAP = 10
AMOUNT_CAP = 1e12
"""The largest amount: a million of them still is a whole number in a float, which Redis counts with."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_MODEL = re.compile(r"[A-Za-z0-9*?\[][A-Za-z0-9._:/*?\[\]!-]{0,127}")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+/-]*")
WITHIN_TENANT = ("principal", "project")
"""Scopes whose subjects are named `<tenant>/<name>`, since names of these are unique in their tenant only."""


def check(limit: Limit) -> Limit:
    """Return the limit with its subject named in full; raise `InvalidError` naming the first field that cannot be."""
    if not _NAME.fullmatch(base(limit)) or len(limit.name) > NAME_CAP:
        raise InvalidError(
            "the name of a limit has 1 to 100 small letters, digits or ._-, with the tenant's that gave it",
            param="name",
        )
    periods = MEASURES[limit.measure].periods
    if limit.period not in periods:
        raise InvalidError(
            f"a limit of {limit.measure} cannot have the period {limit.period!r}; it may be {', '.join(periods)}",
            param="period",
        )
    _check_amount(limit)
    _check_models(limit.models)
    _check_warnings(limit.warn_at)
    return replace(limit, subject=_subject(limit))


def _check_amount(limit: Limit) -> None:
    measure = MEASURES[limit.measure]
    least = 1 / measure.scale
    if not isfinite(limit.amount) or not least <= limit.amount <= AMOUNT_CAP:
        raise InvalidError(f"amount is {limit.amount:g}; it may be {least:g} to {AMOUNT_CAP:g}", param="amount")
    if not measure.money and limit.amount != int(limit.amount):
        raise InvalidError(f"amount is {limit.amount:g}; {limit.measure} are counted in whole numbers", param="amount")


def _check_models(models: tuple[str, ...]) -> None:
    if not 1 <= len(models) <= MODELS_CAP:
        raise InvalidError(f"models has {len(models)} entries; it may have 1 to {MODELS_CAP}", param="models")
    for place, model in enumerate(models):
        if not _MODEL.fullmatch(model) or model.count("[") != model.count("]"):
            param = f"models[{place}]"
            raise InvalidError(f"{param} is no name or pattern of a model; `*` stands for all", param=param)


def _check_warnings(warn_at: tuple[float, ...]) -> None:
    if len(warn_at) > WARN_CAP:
        raise InvalidError(f"warn_at has {len(warn_at)} entries; it may have up to {WARN_CAP}", param="warn_at")
    for place, share in enumerate(warn_at):
        if not 0 < share <= 1:
            param = f"warn_at[{place}]"
            raise InvalidError(f"{param} is {share:g}; it is a share of the amount, above 0 and up to 1", param=param)


def _subject(limit: Limit) -> str:
    subject = limit.subject
    if not subject:
        return subject
    if limit.scope == "house":
        raise InvalidError("a limit of the house has no subject; leave it empty", param="subject")
    if len(subject) > SUBJECT_CAP or not _SUBJECT.fullmatch(subject):
        raise InvalidError(f"subject is no id: 1 to {SUBJECT_CAP} letters, digits or ._@+/-", param="subject")
    if limit.scope in WITHIN_TENANT and "/" not in subject:
        return f"{limit.tenant or 'default'}/{subject}"
    return subject
