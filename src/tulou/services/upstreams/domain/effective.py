"""What an upstream comes to: the provider's data, with what the upstream says otherwise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from tulou.contracts.upstreams.messages import Provider, UpstreamSpec
from tulou.kernel.errors import InvalidError

LOCATION, MODEL = "location", "model"

_BRACES = re.compile(r"\{([a-z_]+)\}")


def effective(provider: Provider, spec: UpstreamSpec) -> Provider:
    """Return the provider as this upstream has it; raise `InvalidError` for what is missing or not known there.

    One with an address of its own may have variables that stand nowhere: such accounts are kept from earlier versions.
    """
    own = spec.base_url
    paths = provider.paths if spec.paths is None else {**provider.paths, **spec.paths}
    if own is None:
        _check_known(provider, spec.variables)
    _check_given(provider, spec.variables, (*([provider.base_url] if own is None else []), *paths.values()))
    base_url = own if own is not None else filled(_address(provider, spec.variables), spec.variables)
    if not base_url:
        raise InvalidError(f"provider {provider.name!r} has no address of its own: give base_url", param="base_url")
    return replace(
        provider,
        base_url=base_url.rstrip("/"),
        dialect=spec.dialect or provider.dialect,
        auth=spec.auth or provider.auth,
        capabilities=provider.capabilities if spec.capabilities is None else spec.capabilities,
        paths={endpoint: filled(path, spec.variables) for endpoint, path in paths.items()},
        headers=_headers(provider.headers, spec.headers),
    )


def filled(text: str, variables: Mapping[str, str]) -> str:
    """Return an address or a path with its variables; raise `InvalidError` for one that has no value."""
    missing = [name for name in _BRACES.findall(text) if name not in variables and name != MODEL]
    if missing:
        raise InvalidError(f"{text} has {{{missing[0]}}}, which is no variable", param="base_url")
    return _BRACES.sub(lambda match: variables.get(match[1], match[0]), text)


def _address(provider: Provider, variables: Mapping[str, str]) -> str:
    """Return the provider's address: some locations have one of their own."""
    return provider.regions.get(variables.get(LOCATION, ""), provider.base_url)


def _check_known(provider: Provider, variables: Mapping[str, str]) -> None:
    """Raise `InvalidError` for a variable that the provider has not."""
    for name in variables:
        if name not in provider.variables:
            there = ", ".join(provider.variables) or "none"
            raise InvalidError(
                f"variables.{name}: provider {provider.name!r} has no such variable; there are {there}",
                param=f"variables.{name}",
            )


def _check_given(provider: Provider, variables: Mapping[str, str], texts: Iterable[str]) -> None:
    """Raise `InvalidError` for a variable without a value that stands in one of some texts."""
    within = tuple(texts)
    for name in provider.variables:
        place = next((text for text in within if f"{{{name}}}" in text), None)
        if place is not None and name not in variables:
            raise InvalidError(
                f"provider {provider.name!r} needs variables.{name}, which stands in {place}",
                param=f"variables.{name}",
            )


def _headers(provider: tuple[tuple[str, str], ...], spec: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    merged = {name.lower(): value for name, value in (*provider, *spec)}
    return tuple(merged.items())
