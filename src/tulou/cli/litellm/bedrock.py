"""Bedrock's models: the region and the way to call them that may stand before their names."""

import re

from tulou.cli.litellm.section import Section

DEFAULT_REGION = "us-west-2"
"""What LiteLLM takes when nothing says a region (`base_aws_llm.py`)."""

REGION_VARIABLES = ("AWS_REGION_NAME", "AWS_REGION")
WAYS = ("converse/", "converse_like/", "invoke/")
"""How LiteLLM is told to call a model; the house always converses."""

_REGION = re.compile(r"(?P<region>[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d)/(?P<model>.+)")
_ARN = re.compile(r"arn:aws[a-z-]*:bedrock:(?P<region>[a-z0-9-]+):")
_SUB_ROUTES = ("agent/", "agentcore/", "async_invoke/", "mantle/", "openai/", "nova/", "llama/", "deepseek_r1/")


def split(model: str) -> tuple[str, str] | None:
    """Return the region that stands in a name (or nothing), and the model; None for what cannot converse."""
    for way in WAYS:
        model = model.removeprefix(way)
    if match := _REGION.fullmatch(model):
        return match["region"], match["model"]
    if model.startswith(_SUB_ROUTES):
        return None
    arn = _ARN.match(model)
    return (arn["region"] if arn else ""), model


def region(params: Section, named: str) -> str | None:
    """Return the region of an entry; None, with a note, if it is in a variable that is not set here."""
    given = params.needed("aws_region_name")
    if given is None:
        return None
    if given or named:
        return given or named
    found = params.reading.variables.address(REGION_VARIABLES)
    if not found:
        why = (
            f"is not there, and neither is $AWS_REGION_NAME nor $AWS_REGION: {DEFAULT_REGION} is taken, as LiteLLM does"
        )
        params.note("aws_region_name", why, kind="differs")
    return found or DEFAULT_REGION
