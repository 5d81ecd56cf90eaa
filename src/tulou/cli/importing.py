"""`tulou import ...`: bring in what another gate knows."""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from cyclopts import App, Parameter

from tulou.cli.house import house
from tulou.cli.litellm import Translated, report, translated
from tulou.cli.litellm.files import read_configuration, read_file
from tulou.cli.options import UNEXPLAINED, Changing
from tulou.cli.output import errors, say, show
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
    config: Annotated[Path, Parameter(help="LiteLLM's config.yaml; - reads standard input.")],
    /,
    *,
    keys: Annotated[Path | None, Parameter(help="The answer of /key/list?return_full_object=true, as JSON.")] = None,
    apply: Annotated[bool, Parameter(negative="", help="Add it all to the house instead of printing it.")] = False,
    strict: Annotated[bool, Parameter(negative="", help="Fail, and apply nothing, if anything is left out.")] = False,
    options: Changing = UNEXPLAINED,
) -> int:
    """Print LiteLLM's configuration as house.yaml, or add it to the house; exit with 1 if no model came in.

    What has no counterpart is listed on standard error by kind, with its places; the last line says how many models
    came in.
    """
    found = _translated(config, keys)
    good = report.succeeded(found, strict=strict)
    revision = _applied(found, options, reason=f"imported from {config.name}") if apply and good else None
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


def _text(found: Translated) -> str:
    return yaml.dump(dict(found.document), Dumper=_WrittenOut, sort_keys=False, allow_unicode=True, width=100)


def _applied(found: Translated, options: Changing, *, reason: str) -> int:
    body = {"text": _text(found), "reason": options.reason or reason, "prune": False}
    with house(options) as here:
        return int(here.post("/api/v1/configuration/apply", body)["revision"]["number"])


def _translated(config: Path, keys: Path | None) -> Translated:
    parsed = read_configuration(config)
    try:
        dump = msgspec.json.decode(read_file(keys)) if keys else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidError(f"{keys} is not JSON: {error}") from error
    return translated(parsed, dump, providers=known_providers(), variables=os.environ)
