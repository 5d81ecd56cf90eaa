"""The published language of the governance service."""
