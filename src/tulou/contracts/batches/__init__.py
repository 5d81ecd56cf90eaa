"""The published language of the batches service."""
