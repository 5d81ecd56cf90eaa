"""The shapes in which people have prices: LiteLLM's, OpenRouter's and our own."""
