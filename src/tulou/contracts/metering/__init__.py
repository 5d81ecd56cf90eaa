"""The published language of the metering service."""
