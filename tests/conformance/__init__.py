"""Every adapter against its port's suite, and against the real server."""
