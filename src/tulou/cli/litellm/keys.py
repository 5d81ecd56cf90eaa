"""LiteLLM's keys, as `/key/list?return_full_object=true` tells them: whose they were, and what they might use.

A key itself cannot be brought over, since LiteLLM keeps a hash of it only. What held for it holds here for a principal
of its name, for which a new key is made.
"""

import re
from collections.abc import Mapping
from typing import cast

from tulou.cli.litellm.names import Names, limit_name, resource_name
from tulou.cli.litellm.section import Reading, Section, Written

TENANT = "default"
ROLE = "developer"
DAY, MONTH = 86_400, 30 * 86_400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "mo": MONTH, "y": 365 * DAY}
_PASSED_OVER = frozenset(
    {
        *("token", "token_id", "key_hash", "spend", "team_spend", "created_at", "updated_at", "created_by"),
        *("updated_by", "last_refreshed_at", "budget_reset_at", "budget_id", "litellm_budget_table", "user_email"),
        *(
            "object_permission_id",
            "rotation_count",
            "auto_rotate",
            "last_rotation_at",
            "key_rotation_at",
            "last_active",
        ),
    }
)
"""What LiteLLM keeps for itself."""
_TEAM = ("team_models", "team_metadata", "team_member", "team_model_aliases", "team_blocked")
_RATES = (
    ("rpm_limit", "requests", "minute"),
    ("tpm_limit", "tokens", "minute"),
    ("max_parallel_requests", "concurrency", "none"),
)
_ALL = ("all-team-models", "all-proxy-models")


class Keys:
    """Principals, projects and limits made of keys; teams become projects."""

    def __init__(self, reading: Reading) -> None:
        self.projects: dict[str, Written] = {}
        self.principals: dict[str, Written] = {}
        self.limits: dict[str, Written] = {}
        self._reading = reading
        self._notes = reading.notes
        self._names = Names()

    def read(self, dump: object) -> None:
        """Take a dump in."""
        bare = not isinstance(dump, Mapping)
        whole = Section({"keys": dump} if bare else cast("object", dump), "", self._reading)
        for item, place in whole.items("keys"):
            if isinstance(item, Mapping):
                self._key(Section(cast("object", item), place, self._reading))
            else:
                self._notes.add(place, "is a hash alone: ask for return_full_object=true", kind="left_out")
        if self.principals:
            self._notes.add("keys", "what was spent so far is not carried over; budgets begin anew", kind="differs")

    def _key(self, key: Section) -> None:
        alias, shown = key.text("key_alias"), key.text("key_name")
        name = self._names.free(resource_name(alias or shown or key.place))
        project = self._team(key)
        entry: Written = {"name": name, "kind": "service", "roles": [{"role": ROLE, "project": project}]}
        if key.take("blocked"):
            entry["suspended"] = "blocked in LiteLLM"
        if owner := key.text("user_id"):
            entry["title"] = f"key of {owner}"[:200]
        self.principals[name] = entry
        self._limits(key, "principal", name, prefix="")
        self._tell_to_make(key, name, project)
        if metadata := key.take("metadata"):
            key.note("metadata", f"{metadata!r} was left out; attributes of the principal may say it here")
        for passed in _PASSED_OVER:
            key.take(passed)
        key.rest_of_values()

    def _team(self, key: Section) -> str:
        """Return the project that a key's team becomes."""
        identity, alias = key.text("team_id"), key.text("team_alias")
        if not identity:
            return TENANT
        name = resource_name(alias or identity)
        self.projects.setdefault(name, {"name": name, **({"title": alias} if alias and alias != name else {})})
        self._limits(key, "project", name, prefix="team_")
        for passed in _TEAM:
            if key.take(passed):
                key.note(passed, "was left out; a policy, or the models of each key, say it here")
        return name

    def _tell_to_make(self, key: Section, name: str, project: str) -> None:
        models = "".join(f" --model {model}" for model in key.several("models") if model not in _ALL)
        until = " --days N" if key.take("expires") else ""
        where = "" if project == TENANT else f" --project {project}"
        command = f"tulou keys create {name} --principal {name}{where}{models}{until}"
        key.notes.add(key.place, f"make its key anew: {command}", kind="to_do")

    def _limits(self, key: Section, scope: str, name: str, *, prefix: str) -> None:
        for field, measure, period in _RATES:
            if amount := key.number(prefix + field):
                self._add(scope, name, measure=measure, amount=float(int(amount)), period=period)
        duration = key.text(f"{prefix}budget_duration")
        for field, edge in (("max_budget", "hard"), ("soft_budget", "soft")):
            if amount := key.number(prefix + field):
                period = _period(key, f"{prefix}budget_duration", duration)
                self._add(scope, name, measure="cost", amount=amount, period=period, edge=edge)

    def _add(self, scope: str, name: str, **says: object) -> None:
        soft = says.get("edge") == "soft"
        limit = limit_name(scope, name, str(says["measure"]), *(("soft",) if soft else ()))
        says = {key: value for key, value in says.items() if (key, value) != ("edge", "hard")}
        self.limits[limit] = {"name": limit, "scope": scope, "subject": f"{TENANT}/{name}", "tenant": TENANT, **says}


def house_budget(litellm: Section) -> list[Written]:
    """Return the budget of the whole proxy as one of the house."""
    amount = litellm.number("max_budget")
    duration = litellm.text("budget_duration")
    if not amount:
        return []
    period = _period(litellm, "budget_duration", duration)
    return [{"name": "house-cost", "scope": "house", "measure": "cost", "amount": amount, "period": period}]


def _period(key: Section, place: str, duration: str) -> str:
    """Return the calendar's period that is nearest to a duration, with a note where it is not the same."""
    match = re.fullmatch(r"(\d+)(s|m|h|d|w|mo|y)", duration)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if seconds == DAY:
        return "day"
    if not 28 * DAY <= seconds <= 31 * DAY:
        words = f"{duration!r} has no counterpart" if duration else "is for ever in LiteLLM"
        key.note(place, f"{words}; the budget is one of a calendar month", kind="differs")
    return "month"
