"""Contract tests of the server, against clients that misbehave."""
