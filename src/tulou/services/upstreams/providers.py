"""The vendors that are known: those that come with the package, and those of a file of this house."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from tulou.chassis.strict import strict
from tulou.contracts.upstreams.messages import Provider
from tulou.kernel.errors import InvalidError
from tulou.kernel.message import message
from tulou.services.upstreams.domain.checks import check_headers, check_name, check_paths, check_url
from tulou.services.upstreams.domain.effective import filled

BUILT_IN = "providers.toml"


@message
class ProvidersFile:
    """As the file is written: `[[provider]]` for each."""

    provider: tuple[Provider, ...] = ()


def known_providers(own: str = "") -> Mapping[str, Provider]:
    """Return all vendors by name; raise `InvalidError` naming the place in the house's file `own` that is wrong."""
    built_in = _parsed(files("tulou.services.upstreams").joinpath(BUILT_IN).read_text("utf-8"), where=BUILT_IN)
    if own:
        built_in = {**built_in, **_parsed(_read(own), where=own)}
    return dict(sorted(built_in.items()))


def check_provider(provider: Provider) -> None:
    """Raise `InvalidError` for a vendor whose data do not fit together."""
    check_name("name", provider.name)
    if provider.base_url:
        check_url(filled(provider.base_url, dict.fromkeys(provider.variables, "x")), param="base_url")
    for name in provider.variables:
        if not any(f"{{{name}}}" in text for text in (provider.base_url, *provider.paths.values())):
            raise InvalidError(
                f"variables names {name!r}, which does not stand in base_url or paths", param="variables"
            )
    for location, address in provider.regions.items():
        check_url(filled(address, dict.fromkeys(provider.variables, "x")), param=f"regions.{location}")
    check_paths(provider.paths)
    for path in provider.paths.values():
        filled(path, dict.fromkeys(provider.variables, "x"))
    check_headers(provider.headers)
    if provider.probe not in ("models", "connect") and not provider.probe.startswith("/"):
        raise InvalidError(f"probe is {provider.probe!r}; it is models, connect, or a path", param="probe")


def _parsed(text: str, *, where: str) -> Mapping[str, Provider]:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidError(f"{where} is not TOML: {error}") from error
    found: dict[str, Provider] = {}
    for provider in strict(raw, ProvidersFile, where=where).provider:
        if provider.name in found:
            raise InvalidError(f"{where}: provider {provider.name!r} stands there twice")
        try:
            check_provider(provider)
        except InvalidError as error:
            raise InvalidError(f"{where}: provider {provider.name!r}: {error}") from error
        found[provider.name] = provider
    return found


def _read(own: str) -> str:
    try:
        return Path(own).expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"[upstreams] providers_file = {own!r} cannot be read: {error}") from error
