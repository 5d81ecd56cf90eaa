"""OpenAI's chat completions, and what compatible vendors and engines made of it (DeepSeek, Qwen, vLLM, llama.cpp)."""
