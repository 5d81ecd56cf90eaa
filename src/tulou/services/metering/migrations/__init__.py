"""The revisions of the tables `metering_*`."""
