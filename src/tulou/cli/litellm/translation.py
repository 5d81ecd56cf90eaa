"""One document of a LiteLLM configuration, and everything that people must know about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from tulou.cli.litellm import models as groups
from tulou.cli.litellm.keys import Keys
from tulou.cli.litellm.models import read_models
from tulou.cli.litellm.notes import Notes, Section, Written
from tulou.cli.litellm.routes import routes
from tulou.cli.litellm.vendors import Vendors
from tulou.contracts.upstreams.messages import Provider

_GENERAL: Mapping[str, str] = {
    "master_key": "is LiteLLM's own; this house has its admin key",
    "database_url": "LiteLLM's own database is not read; see [ports] database for the house's",
    "database_connection_pool_limit": "see [ports] database",
    "salt_key": "is LiteLLM's own; see [ports] master_key",
    "store_model_in_db": "models that LiteLLM keeps in its database are not in this file: export them first",
    "alerting": "see deploy/alerts for alerts by Prometheus",
    "max_parallel_requests": "set a limit with scope key, measure concurrency",
    "global_max_parallel_requests": "set a limit with scope house, measure concurrency",
}


@dataclass(frozen=True)
class Translated:
    """`house.yaml` as mappings and lists, and the notes."""

    document: Mapping[str, object]
    notes: tuple[str, ...]


def translated(
    config: object, keys: object | None, *, providers: Mapping[str, Provider], variables: Mapping[str, str]
) -> Translated:
    """Return the document; `keys` is a dump of `/key/list`, `variables` the surroundings, for addresses alone."""
    notes = Notes()
    whole = Section(config, "", notes)
    given = {str(name): str(value) for name, value in whole.section("environment_variables").take_all()}
    for name in given:
        notes.add(f"environment_variables.{name}", "is followed in addresses; else set it where the house is started")
    models = read_models(whole, Vendors(providers, {**variables, **given}))
    made = routes(models, whole)
    _tell_general(whole)
    whole.rest()
    for account, name in models.accounts.items():
        if account.secret:
            notes.add(f"upstreams.{name}", f"has no credential yet: tulou credentials add {name} --key-stdin")
    callers = Keys(notes)
    if keys is not None:
        callers.read(keys)
    document: Written = {
        "version": 1,
        "projects": list(callers.projects.values()),
        "principals": list(callers.principals.values()),
        "upstreams": [account.entry(name) for account, name in models.accounts.items()],
        "deployments": groups.deployments(models, notes),
        "routes": made,
        "prices": groups.prices(models, notes),
        "limits": [*groups.limits(models, notes), *callers.limits.values()],
    }
    return Translated({name: value for name, value in document.items() if value}, tuple(notes.items))


def _tell_general(whole: Section) -> None:
    general = whole.section("general_settings")
    general.left_out(_GENERAL)
    general.rest()
