"""LiteLLM's keys and teams: whose they were, and what they might use.

They come from `/key/list?return_full_object=true`, `/team/list` and `/budget/list`. A key itself cannot be brought
over, since LiteLLM keeps a hash of it only. What held for it holds here for a principal of its name, for which a new
key is made.
"""

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any, cast

from tulou.cli.litellm.budgets import TENANT, SubjectLimits
from tulou.cli.litellm.names import FreeNames, resource_name
from tulou.cli.litellm.section import Section, SectionReading, Written

ROLE = "developer"
_OWN_OF_KEYS = (
    *("token", "token_id", "key_hash", "api_key", "spend", "total_spend", "team_spend", "created_at", "updated_at"),
    *("created_by", "updated_by", "settings_updated_at", "last_refreshed_at", "budget_reset_at", "budget_id"),
    *("user_email", "object_permission_id", "rotation_count", "auto_rotate", "rotation_interval"),
    *("last_rotation_at", "key_rotation_at", "last_active", "soft_budget_cooldown", "model_spend", "user_role"),
    *("created_by_user", "user", "key_type", "organization_id", "org_id", "end_user_object_permission"),
    *("team_object_permission", "team_object_permission_id", "team_member_spend", "user_spend", "parent_otel_span"),
    *("is_session_token", "request_route", "jwt_claims", "last_jti", "litellm_organization_table"),
)
"""What LiteLLM keeps for itself."""

_OWN_OF_TEAMS = (
    *("team_id", "spend", "created_at", "updated_at", "budget_reset_at", "model_id", "model_spend", "members"),
    *("admins", "object_permission_id", "object_permission", "litellm_model_table", "keys", "keys_count"),
    *("members_count", "team_member_permissions", "organization_id", "allow_team_guardrail_config", "is_admin"),
)
_TEAM = ("team_models", "team_metadata", "team_member", "team_model_aliases", "team_blocked")
_FROM_BUDGET = (
    *("max_budget", "soft_budget", "budget_duration", "tpm_limit", "rpm_limit", "tpd_limit"),
    *("max_parallel_requests", "model_max_budget"),
)
_ALL = ("all-team-models", "all-proxy-models", "*")


class ImportedKeys:
    """Principals, projects and limits made of keys; teams become projects."""

    def __init__(self, reading: SectionReading) -> None:
        self.projects: dict[str, Written] = {}
        self.principals: dict[str, Written] = {}
        self.limits = SubjectLimits()
        self._reading = reading
        self._notes = reading.notes
        self._names = FreeNames()
        self._project_names = FreeNames()
        self._teams: dict[str, str] = {}
        self._budgets: dict[str, Mapping[str, Any]] = {}
        self._closed: dict[str, str] = {}  # why the keys of a project may use nothing

    def read(self, dump: object) -> None:
        """Take a dump in: a list of keys, or a mapping with `keys`, `teams` and `budgets`."""
        bare = not isinstance(dump, Mapping)
        whole = Section({"keys": dump} if bare else cast("object", dump), "", self._reading)
        for item, _ in whole.items("budgets"):
            if isinstance(item, Mapping):
                budget = cast("Mapping[str, Any]", item)
                self._budgets[str(budget.get("budget_id"))] = budget
        for item, place in whole.items("teams"):
            self._read_team(Section(item, place, self._reading))
        for item, place in whole.items("keys"):
            if isinstance(item, Mapping):
                self._key(Section(cast("object", item), place, self._reading))
            else:
                words = "is a hash alone: ask for return_full_object=true"
                self._notes.add(place, words, kind="left_out")
        if self.principals or self.projects:
            words = "what was spent so far is not carried over; budgets begin anew"
            self._notes.add("keys", words, kind="differs")

    def _key(self, key: Section) -> None:
        self._fill(key)
        alias, shown = key.text("key_alias"), key.text("key_name")
        name = self._names.free(resource_name(alias or shown or key.place))
        project = self._team(key)
        entry: Written = {"name": name, "kind": "service", "roles": [{"role": ROLE, "project": project}]}
        if owner := key.text("user_id"):
            entry["title"] = f"key of {owner}"[:200].strip()
        self.principals[name] = entry
        nothing = self.limits.add(key, "principal", name)
        for field in nothing:
            words = f"lets nothing through: {name} comes suspended, until `tulou people resume {name}`"
            key.note(field, words, kind="differs")
        if why := _why_closed(nothing, blocked=key.switch("blocked")) or self._closed.get(project, ""):
            entry["suspended"] = why
        self._tell_to_make(key, name, project)
        self._tell_metadata(key)
        for passed in _OWN_OF_KEYS:
            key.take(passed)
        key.rest_of_values()

    def _fill(self, section: Section) -> None:
        """Give a key what the budget says that it stands in."""
        table = section.take("litellm_budget_table") or self._budgets.get(section.text("budget_id"), {})
        if isinstance(table, Mapping):
            given = cast("Mapping[str, Any]", table)
            section.fill({name: given[name] for name in _FROM_BUDGET if given.get(name) is not None})

    def _read_team(self, team: Section) -> None:
        identity, alias = team.text("team_id"), team.text("team_alias")
        name = self._project(identity or team.place, alias)
        self._close(team, name, self.limits.add(team, "project", name), blocked="blocked")
        models = [str(model) for model in team.several("models") if model not in _ALL]
        if models:
            team.note("models", "was left out; a policy, or the models of each key, say it here")
        if team.several("members_with_roles"):
            team.note("members_with_roles", "was left out; people get roles here: `tulou people`")
        self._tell_metadata(team)
        for passed in _OWN_OF_TEAMS:
            team.take(passed)
        team.rest_of_values()

    def _close(self, section: Section, project: str, nothing: Sequence[str], *, blocked: str) -> None:
        """Remember that whoever has a key of a project may use nothing, if a limit of 0 or a block says so."""
        is_blocked = section.switch(blocked)
        if why := _why_closed(nothing, blocked=is_blocked):
            self._closed[project] = f"of a team: {why}"
        for field in [*nothing, *([blocked] if is_blocked else [])]:
            words = "lets nothing through: whoever has a key of the team comes suspended"
            section.note(field, words, kind="differs")

    def _project(self, identity: str, alias: str) -> str:
        """Return the project that a team becomes."""
        if identity not in self._teams:
            name = self._project_names.free(resource_name(alias or identity))
            self._teams[identity] = name
            title = {"title": alias[:200].strip()} if alias and alias != name else {}
            self.projects[name] = {"name": name, **title}
        return self._teams[identity]

    def _team(self, key: Section) -> str:
        """Return the project that a key's team becomes; what a key says of a team that is listed is passed over."""
        identity, alias = key.text("team_id"), key.text("team_alias")
        if not identity:
            return TENANT
        known = identity in self._teams
        name = self._project(identity, alias)
        if known:
            for field in ("max_budget", "soft_budget", "budget_duration", "tpm_limit", "rpm_limit", "tpd_limit"):
                key.take(f"team_{field}")
        else:
            self._close(key, name, self.limits.add(key, "project", name, prefix="team_"), blocked="team_blocked")
        for passed in _TEAM:
            if key.take(passed) and not known:
                key.note(passed, "was left out; a policy, or the models of each key, say it here")
        return name

    def _tell_to_make(self, key: Section, name: str, project: str) -> None:
        models = "".join(f" --model {quote(str(model))}" for model in key.several("models") if model not in _ALL)
        until = " --days N" if key.take("expires") else ""
        where = "" if project == TENANT else f" --project {project}"
        command = f"tulou keys create {name} --principal {name}{where}{models}{until}"
        key.notes.add(key.place, f"make its key anew: {command}", kind="to_do")

    def _tell_metadata(self, section: Section) -> None:
        if section.take("metadata"):
            section.note("metadata", "was left out; attributes of the principal may say it here")


def _why_closed(nothing: Sequence[str], *, blocked: bool) -> str:
    return "blocked in LiteLLM" if blocked else f"{nothing[0]} is 0 in LiteLLM" if nothing else ""
