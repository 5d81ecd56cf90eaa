"""The tables of the identity service, as they are now."""

from sqlalchemy import BigInteger, Column, Float, Index, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()

KEYS = Table(
    "identity_keys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("prefix", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("principal", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("models", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    Column("project", String(64)),
    Column("session", String(64)),
    Column("disabled", String(200)),
    Column("gone_with", String(64)),
    Column("makers", Text),
    UniqueConstraint("digest", name="identity_keys_digest"),
    Index("identity_keys_valid", "revoked_at", "expires_at"),
    Index("identity_keys_owner", "tenant", "principal"),
    Index("identity_keys_session", "session"),
    Index("identity_keys_gone_with", "gone_with"),
)
"""A `project` that is NULL was written by a version before projects: it is `default`. `disabled` says why a key opens
nothing, NULL for one that does; `gone_with` names the deletion that revoked it, NULL if nothing else went with it;
`makers` is NULL for one that no key made."""

TENANTS = Table(
    "identity_tenants",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("suspended", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
)

PROJECTS = Table(
    "identity_projects",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
)

PRINCIPALS = Table(
    "identity_principals",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("title", String(200), nullable=False),
    Column("email", String(254)),
    Column("attributes", Text, nullable=False),
    Column("suspended", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float),
    Column("issuer", String(255)),
    Column("subject", String(255)),
    Column("password", String(255), nullable=False),
    Column("factor", Text, nullable=False),
    Column("factor_begun", Text, nullable=False),
    Column("factor_step", BigInteger, nullable=False),
    UniqueConstraint("tenant", "email", name="identity_principals_tenant_email"),
    UniqueConstraint("issuer", "subject", name="identity_principals_subject"),
    Index("identity_principals_email", "email"),
)
"""`factor` is the sealed secret of the authenticator in use, `factor_begun` that of one not yet confirmed, and
`factor_step` the last step a code was taken of. `email` is NULL for none, so that many may have none."""

BINDINGS = Table(
    "identity_bindings",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("principal", String(64), primary_key=True),
    Column("role", String(64), primary_key=True),
    Column("project", String(64), primary_key=True),
)

RECOVERY = Table(
    "identity_recovery",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("principal", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
)

SESSIONS = Table(
    "identity_sessions",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("principal", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("by", String(16), nullable=False),
    UniqueConstraint("digest", name="identity_sessions_digest"),
    Index("identity_sessions_owner", "tenant", "principal"),
    Index("identity_sessions_expiry", "expires_at"),
)

DELETED = Table(
    "identity_deleted",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("principal", Text, nullable=False),
    Column("deleted_at", Float, nullable=False),
    Column("deleted_by", String(200), nullable=False),
    Index("identity_deleted_name", "tenant", "name"),
    Index("identity_deleted_at", "deleted_at"),
)
"""Principals that may come back, as JSON: out of all other tables, so that their names and addresses are free."""

ERASED = Table(
    "identity_erased",
    METADATA,
    Column("tenant", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("erased_at", Float, nullable=False),
)
"""Whom nothing may bring back, by the SHA-256 of the name: nothing else is known of them."""
