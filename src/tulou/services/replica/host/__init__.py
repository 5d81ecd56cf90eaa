"""OpenAI's API in front of an engine that offers only Python calls."""
