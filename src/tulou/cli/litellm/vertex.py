"""Vertex AI: a project, a location, and a service account whose key lies in a file or in a variable."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from tulou.cli.litellm.accounts import ImportedUpstream
from tulou.cli.litellm.section import Section
from tulou.cli.litellm.variables import REFERENCE

LOCATION = "us-central1"
"""What LiteLLM takes for most models when nothing says a location (`vertex_llm_base.py`)."""

PROJECT_NAMES = ("vertex_project", "vertex_ai_project")
LOCATION_NAMES = ("vertex_location", "vertex_ai_location")
CREDENTIAL_NAMES = ("vertex_credentials", "vertex_ai_credentials")
PROJECT_VARIABLES = ("VERTEXAI_PROJECT", "VERTEX_PROJECT")
LOCATION_VARIABLES = ("VERTEXAI_LOCATION", "VERTEX_LOCATION")
CREDENTIAL_VARIABLES = ("VERTEXAI_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS")
PROVIDERS: Mapping[str, str] = {"gemini": "vertex", "claude": "vertex-anthropic"}
"""By what a model's name begins with; of partners other than Anthropic each has a dialect of its own there."""

COMPATIBLE = "openai-compatible"
OPENAI_PARTNERS = ("meta/", "deepseek-ai/", "qwen/", "openai/", "moonshotai/", "minimaxai/", "zai-org/")
"""Partners whose models speak OpenAI's dialect there."""

GOOGLE = "google"
"""How an account proves who asks, if a service account does."""

SETTINGS = (*PROJECT_NAMES, *LOCATION_NAMES, *CREDENTIAL_NAMES)
"""What may also stand once for all entries, in `litellm_settings`."""


def account(params: Section, model: str, base_url: str) -> ImportedUpstream | None:
    """Return where a model is called; None, with a note, for what cannot be called from here."""
    provider = next((name for start, name in PROVIDERS.items() if model.startswith(start)), "")
    if model.startswith(OPENAI_PARTNERS):
        provider = COMPATIBLE
    if not provider or base_url:
        why = "at an address of its own" if provider else "of a partner's"
        words = f"a model {why} is not called by way of Vertex AI from here; the entry was left out"
        params.note("model", words, kind="left_out")
        return None
    project, location = _first(params, PROJECT_NAMES), _first(params, LOCATION_NAMES)
    if project is None or location is None:
        return None
    project = project or params.reading.variables.address(PROJECT_VARIABLES)
    if not project:
        words = "is not there, and neither is $VERTEXAI_PROJECT: the entry was left out, for it stands in the address"
        params.note("vertex_project", words, kind="left_out")
        return None
    location = location or params.reading.variables.address(LOCATION_VARIABLES)
    if not location:
        words = f"is not there: {LOCATION} is taken, where LiteLLM may know another one for the model"
        params.note("vertex_location", words, kind="differs")
    location = location or LOCATION
    if provider == COMPATIBLE:
        path = f"/v1/projects/{project}/locations/{location}/endpoints/openapi"
        return ImportedUpstream(COMPATIBLE, base_url=f"https://{_host(location)}{path}", auth=GOOGLE)
    return ImportedUpstream(provider, variables=(("project", project), ("location", location)))


def credential(params: Section) -> tuple[str, str]:
    """Return where the JSON of the service account lies, and the digest of one that stands in the file itself."""
    given: Any = next((value for name in CREDENTIAL_NAMES if (value := params.take(name))), None)
    variables = params.reading.variables
    if given is None:
        name = next((one for one in CREDENTIAL_VARIABLES if variables.is_set(one)), "")
        if not name:
            params.note("vertex_credentials", _NONE, kind="to_do")
            return "", "vertex"
        given = f"{REFERENCE}{name}"
    if isinstance(given, str) and given.startswith(REFERENCE):
        name = given.removeprefix(REFERENCE)
        value = variables.value(name) if variables.is_set(name) else ""
        if not value or _is_json(value):
            return variables.reference(name), ""
        given = value
    if isinstance(given, str) and not _is_json(given):
        return f"file://{given}", ""
    params.note("vertex_credentials", "stands there in clear, and was left out", kind="to_do")
    return "", sha256(repr(given).encode("utf-8", "replace")).hexdigest()


def _host(location: str) -> str:
    if location == "global":
        return "aiplatform.googleapis.com"
    return f"{location}-aiplatform.googleapis.com" if "-" in location else f"aiplatform.{location}.rep.googleapis.com"


_NONE = (
    "is not there: LiteLLM takes what Google's library finds; here the JSON key of a service account is the credential"
)


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _first(params: Section, names: tuple[str, ...]) -> str | None:
    """Return the first of several texts; None if its variable is not set here."""
    found = [params.needed(name) for name in names]
    return None if None in found else next((text for text in found if text), "")
