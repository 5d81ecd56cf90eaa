"""Ports that are plain HTTP."""
