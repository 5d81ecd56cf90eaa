"""Runs a client's features against each model, and prints what came of each as a line of JSON."""

import json
import os
import sys
import traceback
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from tests.clients.vendor.png import PICTURE_URL

Json = dict[str, Any]
BEGUN_S = 120
Feature = Callable[[str], Json]

URL = os.environ.get("CLIENT_URL", "")
KEY = os.environ.get("CLIENT_KEY", "")
MODELS: list[str] = json.loads(os.environ.get("CLIENT_MODELS", "[]"))

WEATHER: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
NOTHING: Json = {"type": "object", "properties": {}}
PLACE: Json = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}
HELLO = "Say hello."
TWO_CITIES = '@call get_weather {"city": "Fuzhou"}\n@call get_weather {"city": "Xiamen"}'
CLOCK = "@call now {}"
THINK = "@think\n@call now {}"
PATCH = r"@custom apply_patch *** Begin Patch\n*** End Patch"
NAME = "My name is Ana."
RECALL = "@recall"
PICTURE = PICTURE_URL
ANSWERS = {"Fuzhou": "31 degrees", "Xiamen": "29 degrees"}


def result(name: str, arguments: Json) -> str:
    """Return what the tools of the tests answer."""
    return ANSWERS[arguments["city"]] if name == "get_weather" else "noon"


def failure(ask: Callable[[], object]) -> str:
    """Return the class of the error that a request raises."""
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - which one is what is asked
        return type(error).__name__
    return ""


def run(features: Mapping[str, Feature]) -> None:
    """Try all features at all models."""
    for model in MODELS:
        for name, feature in features.items():
            told: Json = {"model": model, "feature": name}
            try:
                told["got"] = feature(model)
            except Exception:  # noqa: BLE001 - told to whoever reads the line
                told["error"] = traceback.format_exc()
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()


def tag(model: str) -> str:
    """Return the name under which the vendor knows the request that this client leaves."""
    return f"{os.environ['CLIENT_NAME']}-{model}"


def begun(model: str) -> None:
    """Wait until the vendor answers the request that this client is to leave."""
    with urllib.request.urlopen(f"{os.environ['CLIENT_VENDOR']}/begun/{tag(model)}", timeout=BEGUN_S) as answer:  # noqa: S310 - the tests' own vendor
        answer.read()
