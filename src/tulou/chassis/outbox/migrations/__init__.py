"""The tables `outbox_*`, revision by revision."""
