"""The document of the whole house is valid, and the house does what it says, whatever it is sent."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.system.house import PATIENCE_S, House
from tulou.services.gateway.endpoints.answers import (
    AnthropicModel,
    AnthropicModels,
    Health,
    Readiness,
    RefusalReply,
    Running,
    ServedModel,
    ServedModels,
)
from tulou.services.gateway.endpoints.catalogue import ALL
from tulou.services.gateway.endpoints.endpoint import GatewayEndpoint
from tulou.services.gateway.endpoints.examples import CHAT

METHODS = {"get", "post", "put", "patch", "delete"}
ENOUGH_S = 25
"""What it has not tried by then stays untried; it takes about half of that."""
SPARED = ("revoke_key", "delete_deployment", "start_run")
"""They would end the test's own key and models, and train on all cores."""
ANSWERED = tuple(endpoint for endpoint in ALL if endpoint.facts.name != "moderations")
"""The house has no model of its own that judges texts."""
ENGINES = ("create_chat_completion", "create_completion", "create_embeddings")
"""What goes on to an engine is held by the tests of bad input: engines word their own refusals."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of their own: nobody knows what is left of it in the end."""
    with House(tmp_path_factory.mktemp("house")) as started:
        started.wait_for_models("tulou-demo", "all-minilm-l6-v2")
        yield started


def test_the_document_is_valid_and_names_each_operation_once(house: House) -> None:
    with house.client() as http:
        document = http.get("/openapi.json").raise_for_status().json()

    OpenAPIV31SpecValidator(document).validate()  # a name given twice is an error, too
    assert {"/v1/chat/completions", "/metrics", "/api/v1/keys"} <= document["paths"].keys()
    assert document["security"] == [{"bearer": []}, {"api_key": []}]


def test_the_console_is_typed_by_the_document_as_it_is_now(house: House) -> None:
    kept = Path(__file__).parents[2] / "console" / "openapi.json"
    with house.client() as http:
        document = http.get("/openapi.json").raise_for_status().json()

    advice = (
        "write /openapi.json of a house to console/openapi.json (sorted, indented by 1), then `npm run types` there"
    )
    assert msgspec.json.decode(kept.read_bytes()) == document, advice


@pytest.mark.parametrize("endpoint", ANSWERED, ids=lambda endpoint: endpoint.facts.name)
def test_engines_answer_the_examples_in_the_shapes_that_are_described(house: House, endpoint: GatewayEndpoint) -> None:
    described = endpoint.described
    with house.client() as http:
        for example in described.questions.values():
            if "previous_response_id" in example["value"]:
                continue  # it goes on from an answer that only its reader has
            asked = {**example["value"], "temperature": 0} if example["value"].get("stream") else example["value"]
            reply = http.post(endpoint.facts.path, json=asked).raise_for_status()
            if not example["value"].get("stream"):
                msgspec.json.decode(reply.content, type=described.answered)
                continue
            assert described.streamed is not None
            lines = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data: ")]
            events = [line for line in lines if line != "[DONE]"]
            assert len(events) > 2
            for event in events:
                msgspec.json.decode(event, type=described.streamed)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/v1/models", ServedModels),
        (f"/v1/models/{CHAT}", ServedModel),
        ("/anthropic/v1/models", AnthropicModels),
        (f"/anthropic/v1/models/{CHAT}", AnthropicModel),
        ("/healthz", Health),
        ("/readyz", Readiness),
        ("/version", Running),
    ],
)
def test_the_gate_answers_in_the_shapes_that_are_described(house: House, path: str, shape: type) -> None:
    with house.client() as http:
        assert isinstance(msgspec.json.decode(http.get(path).content, type=shape), shape)
    with house.client("sk-tulou-wrong") as stranger:
        refused = stranger.get("/v1/models")
        assert msgspec.json.decode(refused.content, type=RefusalReply).error.code == "invalid_api_key"


def test_no_route_is_open_to_a_key_that_nobody_knows(house: House) -> None:
    with house.client() as http:
        paths = http.get("/openapi.json").raise_for_status().json()["paths"]
    closed = [
        (method, path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS and operation.get("security") != []
    ]
    with house.client("sk-tulou-wrong") as stranger, house.client("") as nobody:
        answers = {at: {http.request(*at).status_code for http in (stranger, nobody)} for at in closed}
    assert len(answers) > 100
    assert {at: statuses for at, statuses in answers.items() if not statuses <= {401, 429}} == {}


def test_whatever_it_is_sent_the_house_answers_as_its_document_says(house: House, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
        *("run", f"{house.url}/openapi.json", "--header", f"Authorization: Bearer {house.key}"),
        *("--phases", "coverage,fuzzing", "--max-examples", "3", "--generation-deterministic"),
        *("--max-time", str(ENOUGH_S), "--continue-on-failure", "--warnings", "off", "--no-color"),
        # names have rules that a schema does not tell, and one of them may be `import`; Python takes true for 1;
        # many wrong keys from one address are put off with 429: that none opens a route has a test of its own
        *(
            "--exclude-checks",
            "positive_data_acceptance,negative_data_rejection,unsupported_method,allow_header_conformance,ignored_auth",
        ),
        *(part for name in (*SPARED, *ENGINES) for part in ("--exclude-operation-id", name)),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Tested: " in done.stdout
