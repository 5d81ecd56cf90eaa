"""Stages of the gate in a package of their own, as examples: `tag` writes a header, `mask` changes what is said."""
