"""The engine port made real, one package an engine."""
