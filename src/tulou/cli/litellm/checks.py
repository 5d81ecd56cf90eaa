"""The house's own checks, with which an apply would refuse what an import makes: what they refuse is left out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tulou.chassis.strict import strict
from tulou.cli.litellm.accounts import ImportedUpstream
from tulou.cli.litellm.section import Written
from tulou.contracts.limits.messages import Limit
from tulou.contracts.metering.messages import Price
from tulou.contracts.routing.messages import Route
from tulou.contracts.serving.messages import DeploymentSpec
from tulou.contracts.upstreams.messages import AddCredential, Provider, UpstreamSpec
from tulou.kernel.errors import InvalidError, TulouError
from tulou.services.configuration.domain.document import PriceEntry, PrincipalEntry, ProjectEntry, UpstreamEntry
from tulou.services.identity.domain.names import check_line, check_name
from tulou.services.limits.domain.checking import check as check_limit
from tulou.services.metering.domain.prices import check_price
from tulou.services.routing.domain import check as check_route
from tulou.services.serving.domain.checks import check_spec as check_deployment
from tulou.services.upstreams.domain.checks import check_credential
from tulou.services.upstreams.domain.checks import check_spec as check_upstream
from tulou.services.upstreams.domain.effective import effective

NAME = "checked"


def refusal_of_call(
    account: ImportedUpstream, upstream: Written, *, task: str, providers: Mapping[str, Provider]
) -> str:
    """Return why the house would not take an account and a deployment of one upstream there; nothing if it would."""
    entry = account.entry(NAME)
    deployment: Written = {
        "name": NAME,
        "engine": "remote",
        "upstreams": [{**upstream, "upstream": NAME}],
        **({"task": task} if task else {}),
    }
    try:
        _check_texts([entry, deployment])
        _check_account(entry, providers)
        check_deployment(strict(deployment, DeploymentSpec))
    except InvalidError as error:
        return str(error)
    return ""


def _check_texts(entries: list[Written]) -> None:
    """Raise `InvalidError` for a text that no file and no request can hold."""
    try:
        msgspec.json.encode(entries)
    except (TypeError, ValueError) as error:
        raise InvalidError(f"a text of it is no Unicode: {error}") from error


def _check_account(entry: Written, providers: Mapping[str, Provider]) -> None:
    made = strict(entry, UpstreamEntry)
    spec = UpstreamSpec(**_fields(made, UpstreamSpec))
    check_upstream(spec)
    effective(providers[spec.provider], spec)
    for one in made.credentials:
        check_credential(AddCredential(upstream=spec.name, name=one.name, reference=one.reference))


def refusal(section: str, entry: Written, *, deployments: Mapping[str, bool], routes: Mapping[str, Route]) -> str:
    """Return why the house would not take an entry of a section; nothing if it would."""
    try:
        _check_texts([entry])
        _check(section, entry, deployments=deployments, routes=routes)
    except TulouError as error:
        return str(error)
    return ""


def _check(section: str, entry: Written, *, deployments: Mapping[str, bool], routes: Mapping[str, Route]) -> None:
    match section:
        case "limits":
            check_limit(strict(entry, Limit))
        case "prices":
            check_price(Price(**_fields(strict(entry, PriceEntry), Price)))
        case "routes":
            check_route(strict(entry, Route), deployments=deployments, routes=routes)
        case "deployments":
            check_deployment(strict(entry, DeploymentSpec))
        case "projects":
            project = strict(entry, ProjectEntry)
            check_name("name", project.name)
            check_line("title", project.title)
        case "principals":
            principal = strict(entry, PrincipalEntry)
            check_name("name", principal.name)
            check_line("title", principal.title)
            check_line("suspended", principal.suspended)
        case _:
            return


def _fields(entry: Any, kind: type[Any]) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in kind.__dataclass_fields__ if hasattr(entry, name)}
