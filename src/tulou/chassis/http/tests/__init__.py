"""Tests of the client against servers that misbehave, and of the server against such clients."""
