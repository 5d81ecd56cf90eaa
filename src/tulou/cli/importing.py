"""`tulou import ...`: bring in what another gate knows."""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from cyclopts import App, Parameter

from tulou.chassis.yaml_reader import read_yaml
from tulou.cli.configuration import read_text
from tulou.cli.house import house
from tulou.cli.litellm import Translated, findings, translated
from tulou.cli.options import UNEXPLAINED, Changing
from tulou.cli.output import errors, say
from tulou.kernel.errors import InvalidError
from tulou.services.upstreams.providers import known_providers


class _WrittenOut(yaml.SafeDumper):
    """Writes what occurs twice twice: documents have no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        """Say so of everything."""
        del data
        return True


importing = App(name="import", help="Bring in what another gate knows.")


@importing.command
def litellm(
    config: Annotated[Path, Parameter(help="LiteLLM's config.yaml.")],
    /,
    *,
    keys: Annotated[Path | None, Parameter(help="The answer of /key/list?return_full_object=true, as JSON.")] = None,
    apply: Annotated[bool, Parameter(negative="", help="Add it all to the house instead of printing it.")] = False,
    options: Changing = UNEXPLAINED,
) -> None:
    """Print LiteLLM's configuration as house.yaml, or add it to the house; what has no counterpart is listed."""
    found = _translated(config, keys)
    text = yaml.dump(dict(found.document), Dumper=_WrittenOut, sort_keys=False, allow_unicode=True, width=100)
    for finding in findings(found.notes):
        errors.print(f"! {finding}", markup=False, emoji=False)
    if not apply:
        sys.stdout.write(text)
        return
    body = {"text": text, "reason": options.reason or f"imported from {config.name}", "prune": False}
    with house(options) as here:
        done = here.post("/api/v1/configuration/apply", body)["revision"]
    say(f"the house is at revision {done['number']}; {len(found.notes)} notes above say what is left to do")


def _translated(config: Path, keys: Path | None) -> Translated:
    parsed = read_yaml(read_text(config), name=str(config))
    try:
        dump = msgspec.json.decode(read_text(keys)) if keys else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidError(f"{keys} is not JSON: {error}") from error
    return translated(parsed, dump, providers=known_providers(), variables=os.environ)
