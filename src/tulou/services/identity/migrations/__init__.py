"""The revisions of the tables `identity_*`."""
