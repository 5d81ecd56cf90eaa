"""Snapshots: what the data plane knows, and how it comes to know it."""
