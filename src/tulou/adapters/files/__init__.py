"""Blobs and secrets in folders of this machine; secrets also in the environment."""
