"""OpenAI's responses: items instead of messages, and a typed event for every step of a stream."""
