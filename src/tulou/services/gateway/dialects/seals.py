"""Signatures of thoughts, kept with the name of who made them: `anthropic:EqQB...`.

A signature is worth something to its maker alone, and another vendor refuses the whole request for it. Inside the gate
all of them bear their maker's name; at a client's edge the one that belongs to the client's own dialect goes bare, as
its clients know it.
"""

MAKERS = ("anthropic", "openai", "gemini")


def seal(maker: str, signature: str) -> str:
    """Return a signature that came from its maker, with the maker's name; nothing stays nothing."""
    return f"{maker}:{signature}" if signature else ""


def unseal(sealed: str, maker: str) -> str:
    """Return the bare signature if this maker made it, else nothing."""
    name, _, bare = sealed.partition(":")
    return bare if name == maker else ""


def shown(sealed: str, native: str) -> str:
    """Return a signature as clients of the dialect of the maker *native* see it."""
    return unseal(sealed, native) or sealed


def given(signature: str, native: str) -> str:
    """Return what such a client sent, with its maker's name again; nothing stays nothing."""
    if signature.partition(":")[0] in MAKERS:
        return signature
    return seal(native, signature)
