"""All SQL of the identity service."""
