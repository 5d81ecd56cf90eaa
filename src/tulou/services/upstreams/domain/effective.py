"""What an upstream comes to: the provider's data, with what the upstream says otherwise."""

import re
from collections.abc import Mapping
from dataclasses import replace

from tulou.contracts.upstreams.messages import Provider, UpstreamSpec
from tulou.kernel.errors import InvalidError

_BRACES = re.compile(r"\{([a-z_]+)\}")


def effective(provider: Provider, spec: UpstreamSpec) -> Provider:
    """Return the provider as this upstream has it; raise `InvalidError` for what is missing or not known there."""
    base_url = spec.base_url if spec.base_url is not None else _filled(provider, spec.variables)
    if not base_url:
        raise InvalidError(f"provider {provider.name!r} has no address of its own: give base_url", param="base_url")
    return replace(
        provider,
        base_url=base_url.rstrip("/"),
        dialect=spec.dialect or provider.dialect,
        auth=spec.auth or provider.auth,
        capabilities=provider.capabilities if spec.capabilities is None else spec.capabilities,
        paths=provider.paths if spec.paths is None else {**provider.paths, **spec.paths},
        headers=_headers(provider.headers, spec.headers),
    )


def filled(base_url: str, variables: Mapping[str, str]) -> str:
    """Return a base URL with its variables; raise `InvalidError` for one that has no value."""
    missing = [name for name in _BRACES.findall(base_url) if name not in variables]
    if missing:
        raise InvalidError(f"{base_url} has {{{missing[0]}}}, which is no variable", param="base_url")
    return _BRACES.sub(lambda match: variables[match[1]], base_url)


def _filled(provider: Provider, variables: Mapping[str, str]) -> str:
    for name in variables:
        if name not in provider.variables:
            there = ", ".join(provider.variables) or "none"
            raise InvalidError(
                f"variables.{name}: provider {provider.name!r} has no such variable; there are {there}",
                param=f"variables.{name}",
            )
    for name in provider.variables:
        if name not in variables:
            raise InvalidError(
                f"provider {provider.name!r} needs variables.{name}, which stands in {provider.base_url}",
                param=f"variables.{name}",
            )
    return filled(provider.base_url, variables)


def _headers(provider: tuple[tuple[str, str], ...], spec: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    merged = {name.lower(): value for name, value in (*provider, *spec)}
    return tuple(merged.items())
