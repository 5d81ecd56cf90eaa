"""The revisions of the tables `routing_*`."""
