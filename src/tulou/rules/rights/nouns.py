"""What permissions can be about: the nouns of the REST API, and how far a role reaches that ends at a tenant."""

from tulou.contracts.governance.messages import Role

VERBS = ("read", "write", "use")

OF_A_TENANT = frozenset({"projects", "principals", "sessions", "keys", "limits", "files", "batches", "responses"})
"""What a tenant may change by itself; all else belongs to the house, and asks for a role with `house` to be changed."""

UNSEEN = frozenset({"configuration", "jobs", "logs", "metrics", "snapshot", "upstreams", "credentials", "vault"})
"""What tells of all tenants at once, or of the house's own accounts: shown to roles with `house` only."""

OF_THE_HOUSE = frozenset(
    {
        *("tenants", "roles", "policies", "audit", "prices", "usage", "ledger", "providers"),
        *("models", "deployments", "routes", "breakers", "training", "signing-key"),
        *("overview", "first-start"),
    }
)

WIDENING = frozenset(
    {
        *("principals", "roles", "policies", "configuration"),
        *("models", "deployments", "routes", "providers", "upstreams", "credentials"),
    }
)
"""What a key for some models alone does not change: each could open it, or a key after it, another model."""

NOUNS = OF_A_TENANT | OF_THE_HOUSE | UNSEEN


def permits(role: Role, action: str) -> bool:
    """Say whether a role has a permission, wherever it may be used."""
    taken = any(_covers(entry[1:], action) for entry in role.permissions if entry.startswith("-"))
    return not taken and any(_covers(entry, action) for entry in role.permissions)


def reaches(role: Role, action: str) -> bool:
    """Say whether a role may use a permission at all within its tenant, or has the whole house to use it in."""
    noun, _, verb = action.partition(":")
    if role.house or verb == "use":
        return True
    return noun in OF_A_TENANT if verb == "write" else noun not in UNSEEN


def _covers(permission: str, action: str) -> bool:
    noun, _, verb = permission.partition(":")
    asked, _, how = action.partition(":")
    return noun in {"*", asked} and verb in {"*", how}
