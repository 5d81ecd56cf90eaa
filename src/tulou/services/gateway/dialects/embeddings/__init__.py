"""Embeddings: OpenAI's shape at the client's side; OpenAI's, Gemini's and Bedrock's at the upstream's."""
