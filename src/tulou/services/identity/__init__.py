"""Who is behind a key or a session, what they belong to, and how they prove it.

Owns: tables `identity_*`: tenants, projects, principals with their roles, keys and sessions by the SHA-256 of their
secrets, passwords by argon2id, seeds of authenticators sealed; the secrets themselves are kept nowhere.
Needs: Database, Outbox, Clock, Cache, Vault, OpenIdProviders, Credentials, CollectorRegistry, Governance (which
roles there are).
Publishes: KeyCreated, KeyRevoked, TenantChanged, ProjectChanged, PrincipalChanged.
Flow: create_key says a secret once -> authenticate finds it by digest -> revoke_key ends it; grants feed the snapshot.
sign_in counts the try, looks at the password, asks for the code -> a session; begin_federated sends a browser to a
provider -> finish_federated checks what comes back -> a session.
"""
