"""The revisions of the tables `upstreams_*`."""
