"""The `tulou` command."""
