"""Who may do what, and who did what.

Owns: tables `governance_*`: roles, policies in Cedar, the audit trail; the secrets `audit-key` and `audit-head`.
Needs: Database, Outbox, Secrets, Clock, CollectorRegistry.
Publishes: RoleChanged, PolicyChanged.
Flow: put_policy checks a text -> laws are read once a version -> decide answers; policy_set goes out with the snapshot;
record appends to a chain of hashes, whose head is sealed beside the database -> verify walks it.
"""
