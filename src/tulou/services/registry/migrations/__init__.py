"""The revisions of the tables `registry_*`."""
