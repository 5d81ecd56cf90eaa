"""What models cost, and what may be used of them."""

from collections.abc import Mapping
from dataclasses import asdict
from sys import float_info
from typing import Any

from tulou.cli.litellm.entries import ImportedModels, ModelEntry
from tulou.cli.litellm.names import LIMIT_NAME_CAP, FreeNames, limit_name
from tulou.cli.litellm.notes import ImportNotes
from tulou.cli.litellm.section import Written

MEASURES = (("rpm", "requests"), ("tpm", "tokens"))
LARGEST = float_info.max
SHARES_ONLY = (
    "shares out traffic in LiteLLM, and refuses nothing under this routing_strategy: no limit was made; "
    "`tulou limits set` makes one"
)


def prices(models: ImportedModels, notes: ImportNotes) -> list[Written]:
    """Return what models that answer cost a million tokens, where the file says so."""
    made: dict[tuple[str, str], Written] = {}
    for entry in models.entries():
        if not entry.rates:
            continue
        name = (entry.there, entry.account.provider)
        price = {"model": entry.there, "provider": entry.account.provider, **_written(entry.rates)}
        if made.setdefault(name, price) != price:
            words = f"{entry.there!r} costs differently elsewhere in this file; the first price was taken"
            notes.add(entry.place, words, kind="differs")
    return list(made.values())


def _written(rates: Mapping[str, Any]) -> Written:
    tiers = [{name: rate for name, rate in asdict(tier).items() if rate is not None} for tier in rates.get("tiers", ())]
    return {**rates, **({"tiers": tiers} if tiers else {})}


class ModelLimits:
    """Limits of models: where LiteLLM refuses what is above `rpm` and `tpm` (`enforced`), and what only shares out."""

    def __init__(self, notes: ImportNotes, *, enforced: bool) -> None:
        self._notes = notes
        self._enforced = enforced
        self._names = FreeNames(most=LIMIT_NAME_CAP)

    def of(self, models: ImportedModels, aliases: Mapping[str, str]) -> list[Written]:
        """Return what the entries of each group allow together, its aliases with it."""
        made: list[Written] = []
        for group, entries in models.groups.items():
            names = [group, *(alias for alias, target in aliases.items() if target == group)]
            made += [limit for field, measure in MEASURES if (limit := self._limit(names, entries, field, measure))]
        return made

    def _limit(self, names: list[str], entries: list[ModelEntry], field: str, measure: str) -> Written | None:
        given = [entry for entry in entries if getattr(entry, field) is not None]
        if not given:
            return None
        amount = sum(getattr(entry, field) for entry in given)
        if not self._enforced:
            for entry in given:
                self._notes.add(f"{entry.place}.litellm_params.{field}", SHARES_ONLY, kind="differs")
            return None
        if len(given) < len(entries):
            words = f"not every entry of {names[0]!r} has {field}, so together they have none"
            self._notes.add(entries[0].place, words, kind="differs")
            return None
        if not amount:
            words = "lets nothing through; no limit here can be 0: delete the model, or let a policy forbid it"
            self._notes.add(f"{given[0].place}.litellm_params.{field}", words, kind="differs")
            return None
        return {
            "name": self._names.free(limit_name(names[0], field)),
            "scope": "house",
            "measure": measure,
            "amount": float(max(1, int(min(amount, LARGEST)))),
            "period": "minute",
            "models": names,
        }
