"""Tulou: a self-hosted platform for large models."""

__version__ = "0.1.0"
