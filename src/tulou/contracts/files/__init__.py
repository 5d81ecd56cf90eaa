"""The published language of the files service."""
