"""A vendor of three dialects that takes what real ones take, refuses what they refuse, and obeys orders in prompts."""
