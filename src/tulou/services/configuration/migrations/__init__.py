"""The revisions of the tables `configuration_*`."""
