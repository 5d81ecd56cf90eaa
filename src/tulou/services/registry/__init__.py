"""Which version a model name means, where its files are, and whether they are what was signed.

Owns: tables `registry_*`, blobs under `models/`, the house's signing key.
Needs: Database, Outbox, Blobs, Secrets, Clock, Jobs, Converter, House.
Publishes: VersionPublished, AliasMoved.
Flow: import_model -> job -> convert, store files by digest -> publish: check, sign, number -> alias -> resolve, verify.
"""
