"""One document of a LiteLLM configuration, and everything that people must know about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from tulou.cli.litellm import vertex
from tulou.cli.litellm.budgets import house_budget
from tulou.cli.litellm.checks import refusal
from tulou.cli.litellm.entries import EntryReader, ImportedModels, read_models
from tulou.cli.litellm.groups import deployments, grouped, tell_standby
from tulou.cli.litellm.keys import ImportedKeys
from tulou.cli.litellm.known import known_vendors
from tulou.cli.litellm.money import ModelLimits, prices
from tulou.cli.litellm.notes import ImportNote, ImportNotes
from tulou.cli.litellm.routes import SHUFFLE, read_routing, routes
from tulou.cli.litellm.section import Section, SectionReading, Written
from tulou.cli.litellm.settings import GENERAL, LITELLM, ROUTER, Told
from tulou.cli.litellm.variables import ENVIRONMENT, REFERENCE, Variables
from tulou.cli.litellm.vendors import VendorTable
from tulou.contracts.routing.messages import Route
from tulou.contracts.upstreams.messages import Provider
from tulou.rules.routing.patterns import answers_many

NONE: Mapping[str, Any] = {}


@dataclass(frozen=True)
class TranslatedHouse:
    """`house.yaml` as mappings and lists, and the notes.

    Of `listed` entries `imported` came in. `unset` are variables that the house will need and that are not set here,
    `missing` those without which something of the file could not be read.
    """

    document: Mapping[str, object]
    notes: tuple[ImportNote, ...]
    listed: int = 0
    imported: int = 0
    unset: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def translated(
    config: object,
    keys: object | None,
    *,
    providers: Mapping[str, Provider],
    variables: Mapping[str, str],
    asked: bool = False,
) -> TranslatedHouse:
    """Return the document; `keys` is a dump of `/key/list`, `variables` the surroundings, for addresses alone.

    `asked` says that a running proxy told all this, which tells no keys of models.
    """
    notes = ImportNotes()
    surroundings = Variables({**_declared(config, variables), **variables})
    whole = Section(config, "", SectionReading(notes, surroundings))
    for name, _ in whole.section("environment_variables").take_all():
        words = "is followed in addresses; else set it where the house is started"
        notes.add(f"environment_variables.{name}", words, kind="to_do")
    models, document = _models(whole, providers)
    whole.rest()
    _tell_secrets(models, notes)
    callers = ImportedKeys(whole.reading)
    if keys is not None:
        callers.read(keys)
    if asked:
        _tell_untold(notes, callers=keys is not None)
    document["projects"] = list(callers.projects.values())
    document["principals"] = list(callers.principals.values())
    document["limits"] = [*document["limits"], *callers.limits.items]
    return TranslatedHouse(
        _checked(document, notes),
        tuple(notes.items),
        listed=models.listed,
        imported=models.imported,
        unset=tuple(_unset(models, surroundings)),
        missing=tuple(surroundings.missing),
    )


def _models(whole: Section, providers: Mapping[str, Provider]) -> tuple[ImportedModels, dict[str, list[Written]]]:
    """Return what the file says of models, and everything that is made of it."""
    notes = whole.notes
    router, litellm, general = (whole.section(f"{name}_settings") for name in ("router", "litellm", "general"))
    reader = EntryReader(
        VendorTable(known_vendors(), providers), providers, _credentials(whole), _usual(router, litellm)
    )
    models = read_models(whole, reader)
    routing = read_routing(models, router, litellm)
    groups = grouped(models, notes, aliases=routing.aliases, shuffled=routing.strategy == SHUFFLE)
    tell_standby(groups, notes)
    limits = ModelLimits(notes, enforced=routing.enforced).of(models, routing.aliases)
    limits += house_budget(litellm)
    for section, told in ((router, ROUTER), (litellm, LITELLM), (general, GENERAL)):
        _tell(section, told)
    return models, {
        "upstreams": [account.entry(name) for account, name in models.accounts.items()],
        "deployments": deployments(groups, models.accounts, notes),
        "routes": routes(groups, routing, notes),
        "prices": prices(models, notes),
        "limits": limits,
    }


def _declared(config: object, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a file sets itself; one that is set to another has its value."""
    if not isinstance(config, Mapping):
        return {}
    given = cast("Mapping[str, object]", config).get("environment_variables")
    if not isinstance(given, Mapping):
        return {}
    named = {str(name): str(value) for name, value in cast("Mapping[object, object]", given).items()}
    found = {
        name: variables.get(text.removeprefix(REFERENCE)) if text.startswith(REFERENCE) else text
        for name, text in named.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def _usual(router: Section, litellm: Section) -> Mapping[str, Any]:
    """Return what is said once for all entries, and holds for those that do not say it themselves."""
    once = {name: value for name in vertex.SETTINGS if (value := litellm.take(name)) is not None}
    return {**once, **dict(router.section("default_litellm_params").take_all())}


def _credentials(whole: Section) -> Mapping[str, Mapping[str, Any]]:
    """Return what each named credential gives to the entries that name it."""
    found: dict[str, Mapping[str, Any]] = {}
    for item, place in whole.items("credential_list"):
        section = Section(item, place, whole.reading)
        name, values = section.text("credential_name"), section.section("credential_values")
        provider = section.section("credential_info").text("custom_llm_provider")
        found[name] = {**dict(values.take_all()), **({"custom_llm_provider": provider} if provider else {})}
        section.rest()
    return found


def _tell(section: Section, told: Told) -> None:
    for words, kind in told:
        section.without(words, kind=kind)
    section.rest()


def _unset(models: ImportedModels, variables: Variables) -> Sequence[str]:
    """Return the variables in which credentials of accounts lie, and that are not set here."""
    named = (account.reference.partition(ENVIRONMENT) for account in models.accounts)
    return [name for name in dict.fromkeys(name for _, found, name in named if found) if not variables.is_set(name)]


def _tell_secrets(models: ImportedModels, notes: ImportNotes) -> None:
    for account, name in models.accounts.items():
        if account.secret:
            words = f"has no credential yet: tulou credentials add {name} --key-stdin"
            notes.add(f"upstreams.{name}", words, kind="to_do")


def _tell_untold(notes: ImportNotes, *, callers: bool) -> None:
    """Tell what a running proxy does not say of itself."""
    words = "a proxy tells no key of a model: those of one vendor share an account, with its usual variable"
    notes.add("model_list", words, kind="to_do")
    words = "settings other than routing are in LiteLLM's own file alone: import that as well, if there is one"
    notes.add("litellm_settings", words, kind="to_do")
    if not callers:
        notes.add("keys", "the proxy has no database, and with it no keys, teams or budgets", kind="not_needed")


def _checked(document: Mapping[str, list[Written]], notes: ImportNotes) -> Written:
    """Return the document without what the house would refuse, and without empty lists."""
    names: dict[str, bool] = {}
    made: Written = {"version": 1}
    for section in ("projects", "principals", "upstreams", "deployments", "routes", "prices", "limits"):
        entries = document[section]
        by_route = section == "routes"
        kept = _kept_routes(entries, notes, deployments=names) if by_route else _kept(section, entries, notes)
        if section == "deployments":
            names = {entry["name"]: answers_many(one["model"] for one in entry["upstreams"]) for entry in kept}
        if kept:
            made[section] = kept
    return made


def _kept_routes(entries: list[Written], notes: ImportNotes, *, deployments: Mapping[str, bool]) -> list[Written]:
    """Return routes that lead to what is kept; one that is left out may be the fallback of another."""
    while True:
        routes = {entry["model"]: _only_fallbacks(entry) for entry in entries}
        kept = _kept("routes", entries, notes, deployments=deployments, routes=routes)
        if len(kept) == len(entries):
            return kept
        entries = kept


def _only_fallbacks(entry: Written) -> Route:
    return Route(model=entry["model"], shares=(), fallbacks=tuple(entry.get("fallbacks", ())))


def _kept(
    section: str,
    entries: Sequence[Written],
    notes: ImportNotes,
    *,
    deployments: Mapping[str, bool] = NONE,
    routes: Mapping[str, Route] = NONE,
) -> list[Written]:
    kept: list[Written] = []
    for entry in entries:
        name = str(entry.get("name") or entry["model"])
        others = {model: route for model, route in routes.items() if model != name}
        why = refusal(section, entry, deployments=deployments, routes=others)
        if why:
            notes.add(f"{section}.{name}", f"was left out, for the house would refuse it: {why}", kind="left_out")
        else:
            kept.append(entry)
    return kept
