"""A worker inherits how it runs and what opens the store of models, and no secret besides."""

import tomllib
from importlib.resources import files

import pytest

from tulou.assembly.settings import HouseSettings
from tulou.assembly.workers import worker_environment

GIVEN = {
    "PATH": "/bin",
    "TULOU_CONFIG": "/etc/tulou.toml",
    "TULOU_HOUSE__DIRECTORY": "/var/tulou",
    "TULOU_REPLICA__DRAIN_S": "5",
    "TULOU_REMOTES__DISCOVERY": "https://control.example",
    "TULOU_PORTS__DATABASE": "postgresql://tulou:secret@db/tulou",
    "TULOU_KEY": "secret",
    "CUDA_VISIBLE_DEVICES": "0",
    "OMP_NUM_THREADS": "4",
    "OPENAI_API_KEY": "secret",
    "VAULT_TOKEN": "secret",
    "AWS_SECRET_ACCESS_KEY": "secret of the store",
    "OUR_STORE": "secret of our store",
    "HF_TOKEN": "secret",
}
RUNS = {
    *("PATH", "TULOU_CONFIG", "TULOU_HOUSE__DIRECTORY", "TULOU_REPLICA__DRAIN_S", "TULOU_REMOTES__DISCOVERY"),
    *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS"),
}


@pytest.mark.parametrize(
    ("blobs", "keys"),
    [
        ("file:///var/tulou/blobs", set[str]()),
        ("s3://bucket/models", {"AWS_SECRET_ACCESS_KEY"}),
        ("s3://bucket?access_key=env://OUR_STORE&secret_key=file:///k", {"AWS_SECRET_ACCESS_KEY", "OUR_STORE"}),
    ],
)
def test_only_the_keys_of_the_store_that_models_come_from_are_inherited(blobs: str, keys: set[str]) -> None:
    told = worker_environment(GIVEN, HouseSettings(), blobs=blobs)
    assert set(told) == RUNS | keys
    assert "secret" not in told.values()
    assert all(told[name] == GIVEN[name] for name in told)


def test_what_an_engine_of_others_needs_is_named_in_the_settings() -> None:
    told = worker_environment(GIVEN, HouseSettings(worker_environment=("HF_TOKEN", "NOT_SET")), blobs="file:///b")
    assert set(told) == RUNS | {"HF_TOKEN"}


def test_no_credential_of_a_vendor_is_taken_for_what_a_runtime_is_told() -> None:
    vendors = tomllib.loads((files("tulou.services.upstreams") / "providers.toml").read_text())["provider"]
    names = {vendor["environment"] for vendor in vendors if vendor.get("environment")}
    assert "NVIDIA_API_KEY" in names
    assert not worker_environment(dict.fromkeys(names, "secret"), HouseSettings(), blobs="file:///b")


def test_a_store_on_a_server_is_reached_by_way_of_the_houses_proxy() -> None:
    proxies = {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost"}
    assert worker_environment(proxies, HouseSettings(), blobs="s3://bucket") == proxies
    assert not worker_environment(proxies, HouseSettings(), blobs="file:///b")
