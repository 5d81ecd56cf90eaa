"""The revisions of the tables `governance_*`."""
