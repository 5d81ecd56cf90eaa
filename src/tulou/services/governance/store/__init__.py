"""All SQL of the governance service."""
