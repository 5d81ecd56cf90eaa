"""Who is behind a key, and what it may do.

Owns: tables `identity_*`: keys, by the SHA-256 of their secrets; the secrets themselves are kept nowhere.
Needs: Database, Outbox, Clock.
Publishes: KeyCreated, KeyRevoked.
Flow: create_key says a secret once -> authenticate finds it by digest -> revoke_key ends it; grants feed the snapshot.
"""
