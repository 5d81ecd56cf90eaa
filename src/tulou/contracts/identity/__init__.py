"""The published language of the identity service."""
