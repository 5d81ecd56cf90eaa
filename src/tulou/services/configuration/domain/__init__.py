"""The document: what may stand in it, how it is read and written, and how two of them differ."""
