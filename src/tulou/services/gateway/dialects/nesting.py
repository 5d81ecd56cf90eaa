"""Puts fields that were found inside an object back into it."""

Json = dict[str, object]


def nested(written: Json, rest: Json) -> Json:
    """Return a part with what else belongs to it; a name with a dot goes into the object that it names."""
    for name, value in rest.items():
        outer, _, field = name.partition(".")
        inner = written.get(outer)
        if field and isinstance(inner, dict):
            inner[field] = value
        else:
            written[name] = value
    return written
