"""`tulou import ...`: bring in what another gate knows."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from cyclopts import App, Parameter

from tulou.cli.house import house
from tulou.cli.litellm import TranslatedHouse, report, translated
from tulou.cli.litellm.files import read_configuration, read_file
from tulou.cli.litellm.proxy import Proxy
from tulou.cli.options import UNEXPLAINED, Changing
from tulou.cli.output import errors, say, show
from tulou.kernel.addresses import without_userinfo
from tulou.kernel.errors import InvalidError
from tulou.services.upstreams.providers import known_providers

FAILED = 1


class _WrittenOut(yaml.SafeDumper):
    """Writes what occurs twice twice: documents have no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Say so of everything."""
        del data
        return True


importing = App(name="import", help="Bring in what another gate knows.")


@importing.command
def litellm(
    config: Annotated[Path | None, Parameter(help="LiteLLM's config.yaml; - reads standard input.")] = None,
    /,
    *,
    from_proxy: Annotated[
        str, Parameter(help="The address of a running proxy, which is asked instead; its key is --key env://NAME.")
    ] = "",
    keys: Annotated[Path | None, Parameter(help="The answer of /key/list?return_full_object=true, as JSON.")] = None,
    apply: Annotated[bool, Parameter(negative="", help="Add it all to the house instead of printing it.")] = False,
    strict: Annotated[bool, Parameter(negative="", help="Fail, and apply nothing, if anything is left out.")] = False,
    options: Changing = UNEXPLAINED,
) -> int:
    """Print LiteLLM's configuration as house.yaml, or add it to the house; exit with 1 if no model came in.

    What has no counterpart is listed on standard error by kind, with its places; the last line says how many models
    came in. With --from-proxy a --key that is env://NAME or file://PATH is LiteLLM's master key.
    """
    if (config is None) == (not from_proxy):
        raise InvalidError("name either LiteLLM's config.yaml, or a running proxy with --from-proxy")
    key, options = _keys(options) if from_proxy else ("", options)
    found = _asked(from_proxy, key, keys) if config is None else _read(config, keys)
    good = report.succeeded(found, strict=strict)
    source = without_userinfo(from_proxy) if config is None else config.name
    revision = _applied(found, options, reason=f"imported from {source}") if apply and good else None
    if options.json:
        show({**report.table(found), "revision": revision}, as_json=True, rows=[], columns=[])
        return 0 if good else FAILED
    if not apply:
        sys.stdout.write(_text(found))
    for line in report.lines(found):
        errors.print(line, markup=False, emoji=False)
    if revision is not None:
        say(f"the house is at revision {revision}")
    return 0 if good else FAILED


def _text(found: TranslatedHouse) -> str:
    return yaml.dump(dict(found.document), Dumper=_WrittenOut, sort_keys=False, allow_unicode=True, width=100)


def _applied(found: TranslatedHouse, options: Changing, *, reason: str) -> int:
    body = {"text": _text(found), "reason": options.reason or reason, "prune": False}
    with house(options) as here:
        return int(here.post("/api/v1/configuration/apply", body)["revision"]["number"])


def _read(config: Path, keys: Path | None) -> TranslatedHouse:
    return _translated(read_configuration(config), _dump(keys))


def _asked(url: str, key: str, keys: Path | None) -> TranslatedHouse:
    with Proxy(url, key) as proxy:
        configuration = proxy.configuration()
        return _translated(configuration, _dump(keys) if keys else proxy.callers(), asked=True)


def _translated(config: object, callers: object | None, *, asked: bool = False) -> TranslatedHouse:
    return translated(config, callers, providers=known_providers(), variables=os.environ, asked=asked)


def _dump(keys: Path | None) -> object | None:
    try:
        return msgspec.json.decode(read_file(keys)) if keys else None
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidError(f"{keys} is not JSON: {error}") from error


def _keys(options: Changing) -> tuple[str, Changing]:
    """Return LiteLLM's key, and the options without it: the house's own is then in TULOU_KEY, if it needs one."""
    scheme, separator, place = options.key.partition("://")
    if not separator:
        return "", options
    rest = replace(options, key=os.environ.get("TULOU_KEY", ""))
    match scheme:
        case "env" if place in os.environ:
            return os.environ[place].strip(), rest
        case "file":
            return read_file(Path(place)).strip(), rest
        case _:
            raise InvalidError(f"--key {options.key}: give env://NAME of a variable that is set, or file://PATH")
