"""The published language of the training service."""
