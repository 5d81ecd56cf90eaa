"""Accounts at vendors: where each lies, what goes with every call, and where its credential is."""

from dataclasses import dataclass, replace

from tulou.cli.litellm.section import Written

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ImportedUpstream:
    """What is written of an upstream; `reference` is where its credential lies, `secret` which one was left out.

    `secret` tells accounts apart whose keys stand in the file in clear: it is a digest, and is written nowhere.
    """

    provider: str
    base_url: str = ""
    variables: Pairs = ()
    paths: Pairs = ()
    headers: Pairs = ()
    auth: str = ""
    dialect: str = ""
    reference: str = ""
    secret: str = ""

    def entry(self, name: str) -> Written:
        """Return the account as `house.yaml` has it."""
        entry: Written = {"name": name, "provider": self.provider}
        for field in ("base_url", "dialect", "auth"):
            if value := getattr(self, field):
                entry[field] = value
        for field in ("variables", "paths"):
            if pairs := getattr(self, field):
                entry[field] = dict(pairs)
        if self.headers:
            entry["headers"] = [list(pair) for pair in self.headers]
        if self.reference:
            entry["credentials"] = [{"name": "default", "reference": self.reference}]
        return entry

    def at(self, base_url: str, **paths: str) -> "ImportedUpstream":
        """Return the account at another address, with paths of its own after it."""
        return replace(self, base_url=base_url, paths=tuple(paths.items()))
