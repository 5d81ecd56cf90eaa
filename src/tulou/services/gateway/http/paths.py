"""Where the gate answers what."""

from collections.abc import Mapping

from tulou.contracts.endpoints import ENDPOINTS, Endpoint

PREFIXES = ("/v1/", "/openai/v1/", "/anthropic/v1/")
"""Under which models and the like are found."""

PROXIED = frozenset({"files", "batches", "organization"})
"""What the control process answers to keys of inference."""

PATHS: Mapping[str, Endpoint] = {path: name for name, facts in ENDPOINTS.items() for path in facts.paths}
