"""OpenAI's old text completions at the client's side; upstreams of the dialect `openai` are passed them untouched."""
