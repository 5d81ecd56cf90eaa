"""What policies may speak of: kinds of entities with their attributes, actions, and what is known of a request."""

from tulou.rules.rights.nouns import NOUNS, VERBS

PRINCIPAL = ("tenant", "project", "name", "kind", "key")
MODEL = ("name", "tenant")
RESOURCE = ("kind", "name", "tenant")
REQUEST = {"at": "Long", "hour": "Long", "weekday": "Long", "address?": "ipaddr", "method?": "String"}
INFERENCE = REQUEST | {"endpoint": "String", "stream": "Bool", "batch": "Bool", "tokens?": "Long"}
ATTRIBUTES = {
    "principal": frozenset(PRINCIPAL),
    "resource": frozenset((*MODEL, *RESOURCE)),
    "context": frozenset(name.rstrip("?") for name in INFERENCE),
}
ENTITIES = ("Tenant", "Project", "Role", "Principal", "Model", "Resource", "Action")
ACTIONS = (*VERBS, *(f"{noun}:{verb}" for noun in sorted(NOUNS) for verb in ("read", "write")))
USES = ("models:use", "files:use", "batches:use")

INFERENCE_ACTION = "models:use"


def schema_text() -> str:
    """Return the schema in Cedar's own notation; docs/howto/policies.md explains it."""
    return "\n".join(
        [
            "entity Tenant;",
            "entity Project in [Tenant];",
            "entity Role;",
            f"entity Principal in [Role, Tenant, Project] = {_record(PRINCIPAL)} tags String;",
            f"entity Model = {_record(MODEL)} tags String;",
            f"entity Resource in [Tenant] = {_record(RESOURCE)} tags String;",
            *(f'action "{verb}";' for verb in VERBS),
            *(_action(action) for action in (*ACTIONS, *USES) if ":" in action),
        ]
    )


def known_names() -> tuple[str, ...]:
    """Return every name that a policy can get wrong."""
    attributes = {name for names in ATTRIBUTES.values() for name in names}
    return (*sorted(attributes), *ENTITIES, *ACTIONS, *USES)


def _action(action: str) -> str:
    noun, _, verb = action.partition(":")
    kind = "Model" if noun == "models" else "Resource"
    context = INFERENCE if action == INFERENCE_ACTION else REQUEST
    fields = ", ".join(f"{name}: {kind}" for name, kind in context.items())
    return (
        f'action "{action}" in ["{verb}"] appliesTo {{principal: Principal, resource: {kind}, context: {{{fields}}}}};'
    )


def _record(names: tuple[str, ...]) -> str:
    return "{" + ", ".join(f"{name}: String" for name in names) + "}"
