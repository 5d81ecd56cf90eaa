"""A file of cases for `tulou policy test`: policies, roles, and what they should decide."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from tulou.chassis.strict import strict
from tulou.chassis.yaml_reader import read_yaml
from tulou.contracts.governance.messages import (
    Attribute,
    Decide,
    Policy,
    PolicyCase,
    Resource,
    Role,
    Subject,
    TryPolicies,
)
from tulou.kernel.errors import InvalidError, NotFoundError


class PolicySource(msgspec.Struct, kw_only=True):
    """A policy in the file: its text, or the file with it, beside this one."""

    name: str
    text: str = ""
    file: str = ""
    description: str = ""
    enabled: bool = True


class Case(msgspec.Struct, kw_only=True):
    """A question, in fewer words than the contract's; `model` stands for a resource of that kind."""

    name: str
    expect: Literal["allow", "deny"]
    subject: Subject
    action: str = "models:use"
    model: str = ""
    resource: Resource | None = None
    context: dict[str, Attribute] = {}


class PolicyCaseFile(msgspec.Struct, kw_only=True):
    """The whole file."""

    cases: tuple[Case, ...]
    policies: tuple[PolicySource, ...] | None = None
    roles: tuple[Role, ...] | None = None


def read_cases(path: Path) -> TryPolicies:
    """Return what a file asks for; raise what says what is wrong with it, and where."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise NotFoundError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidError(f"{path} is not YAML: {error}") from error
    sheet = strict(read_yaml(text, name=str(path)), PolicyCaseFile)
    policies = None if sheet.policies is None else tuple(_policy(path, policy) for policy in sheet.policies)
    return TryPolicies(cases=tuple(map(_case, sheet.cases)), policies=policies, roles=sheet.roles)


def read_policy(path: Path, name: str = "") -> Policy:
    """Return the policy in a file of Cedar's; it is called like the file unless it has another name."""
    return Policy(name=name or path.stem, text=_read(path))


def as_json(message: object) -> Mapping[str, object]:
    """Return a message as the body of a request."""
    return msgspec.to_builtins(message)


def _policy(sheet: Path, policy: PolicySource) -> Policy:
    text = _read(sheet.parent / policy.file) if policy.file else policy.text
    return Policy(name=policy.name, text=text, description=policy.description, enabled=policy.enabled)


def _case(case: Case) -> PolicyCase:
    resource = case.resource or Resource(kind="model", name=case.model)
    ask = Decide(subject=case.subject, action=case.action, resource=resource, context=case.context)
    return PolicyCase(name=case.name, ask=ask, expect=case.expect)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise NotFoundError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidError(f"{path} is not UTF-8: {error}") from error
