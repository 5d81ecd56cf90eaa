"""The published language of the jobs service."""
