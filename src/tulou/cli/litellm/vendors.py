"""From an entry of LiteLLM's to the account that it calls, and what its model is called there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tulou.cli.litellm import azure, bedrock, vertex
from tulou.cli.litellm.accounts import ImportedUpstream
from tulou.cli.litellm.credentials import credential
from tulou.cli.litellm.headers import headers_of
from tulou.cli.litellm.known import Vendor, vendor_of
from tulou.cli.litellm.section import Section
from tulou.cli.litellm.servers import placed
from tulou.contracts.upstreams.messages import Provider

RESPONSES = "responses/"
AZURE_VECTOR_KEYS = ("AZURE_API_KEY",)
"""LiteLLM looks for the key of Azure's embeddings nowhere else."""

LOOPBACK = ("vllm", "lm-studio", "litellm")
"""Servers that this house looks for on its own host, and LiteLLM nowhere, if nothing says where they are."""

TEXT_ALONE = ("text-completion-openai", "azure_text")
_TEXTS = "completes texts alone: clients ask /v1/completions here, and LiteLLM takes chats for it as well"
_SHELL = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class VendorCall:
    """Which vendor of LiteLLM's an entry is for, what is called there, and by which address (empty: its own)."""

    vendor: str
    model: str
    base_url: str


class VendorTable:
    """`providers` are those of this house."""

    def __init__(self, vendors: Mapping[str, Vendor], providers: Mapping[str, Provider]) -> None:
        self._vendors = vendors
        self._providers = providers

    def account(self, params: Section, model: str, *, task: str) -> tuple[ImportedUpstream, str] | None:
        """Return the account and the model's name there; None, with a note, for what cannot be called from here."""
        called = self._called(params, model)
        if called is None:
            return None
        vendor = self._vendors[called.vendor]
        if task == "embedding" and called.vendor == "azure":
            vendor = replace(vendor, keys=AZURE_VECTOR_KEYS)
        placed_ = self._placed(params, called, vendor)
        if placed_ is None:
            return None
        account, there = placed_
        proof = (
            vertex.credential(params) if vendor.provider == "vertex" else credential(params, vendor, account.provider)
        )
        headers = tuple(headers_of(params))
        return replace(account, headers=headers, reference=proof[0], secret=proof[1]), there

    def _called(self, params: Section, model: str) -> VendorCall | None:
        base_url = self._address(params)
        if base_url is None:
            return None
        vendor, name = self._split(params, model, base_url)
        if vendor not in self._vendors:
            words = f"provider {vendor!r} is" if vendor else f"the provider of {model!r} is"
            params.note("model", f"{words} not known here; the entry was left out", kind="left_out")
            return None
        known = self._vendors[vendor]
        return VendorCall(vendor, name, base_url or params.reading.variables.address(known.addresses) or known.base_url)

    def _split(self, params: Section, model: str, base_url: str) -> tuple[str, str]:
        given = params.text("custom_llm_provider")
        if given:
            return given, model.removeprefix(f"{given}/")
        prefix, separator, rest = model.partition("/")
        if separator and prefix in self._vendors:
            return prefix, rest
        by_name = vendor_of(model, host=urlsplit(base_url).hostname or "" if base_url else "")
        if by_name:
            return by_name, model
        return (prefix, rest) if separator else ("", model)

    def _address(self, params: Section) -> str | None:
        """Return the address of an entry; None, with a note, if it is in a variable that is not set here."""
        names = [name for name in ("api_base", "base_url") if name in params]
        found = [params.needed(name) for name in names]
        if None in found:
            return None
        address = next((text for text in found if text), "")
        for match in _SHELL.finditer(address):
            value = params.reading.variables.value(match["name"])
            if value is None:
                why = f"{match['name']} is not set here, and must be known to be written out; the entry was left out"
                params.note("api_base", why, kind="left_out")
                return None
            address = address.replace(match[0], value)
            why = f"LiteLLM takes ${match['name']} as that text; its value here is written out, as it was meant"
            params.note("api_base", why, kind="differs")
        if not _is_read(address):
            params.note("api_base", "is no address that can be read; the entry was left out", kind="left_out")
            return None
        return address.rstrip("/")

    def _placed(self, params: Section, called: VendorCall, vendor: Vendor) -> tuple[ImportedUpstream, str] | None:
        if vendor.provider.startswith("azure"):
            return self._at_azure(params, called)
        if vendor.provider == "bedrock":
            return self._at_bedrock(params, called)
        if vendor.provider == "vertex":
            at_vertex = vertex.account(params, called.model, called.base_url)
            return None if at_vertex is None else (at_vertex, called.model)
        return self._elsewhere(params, called, vendor)

    def _elsewhere(self, params: Section, called: VendorCall, vendor: Vendor) -> tuple[ImportedUpstream, str] | None:
        """Return what lies where its vendor has it, or at an address of its own."""
        account = self._addressed(params, called, vendor)
        if account is None:
            return None
        model = called.model
        if vendor.provider == "openai" and model.startswith(RESPONSES):
            account, model = replace(account, dialect="responses"), model.removeprefix(RESPONSES)
        if called.vendor in TEXT_ALONE:
            params.note("model", _TEXTS, kind="differs")
        if called.vendor == "fireworks_ai" and "/" not in model:
            model = f"accounts/fireworks/models/{model}"
        return account, model

    def _addressed(self, params: Section, called: VendorCall, vendor: Vendor) -> ImportedUpstream | None:
        if vendor.provider in LOOPBACK and not called.base_url:
            there = self._providers[vendor.provider].base_url
            words = f"is not there, and neither is ${' or $'.join(vendor.addresses)}: {there} is taken"
            params.note("api_base", words, kind="differs")
        account = placed(params, called.vendor, vendor.provider, called.base_url)
        if account is not None and not self._providers[account.provider].base_url and not account.base_url:
            words = f"{account.provider} needs one, and LiteLLM has none for it; the entry was left out"
            params.note("api_base", words, kind="left_out")
            return None
        return account

    def _at_azure(self, params: Section, called: VendorCall) -> tuple[ImportedUpstream, str] | None:
        version = params.needed("api_version")
        if version is None:
            return None
        version = version or params.reading.variables.address(["AZURE_API_VERSION"])
        if not called.base_url:
            words = "Azure needs one, here or in $AZURE_API_BASE; the entry was left out"
            params.note("api_base", words, kind="left_out")
            return None
        if called.vendor in TEXT_ALONE:
            params.note("model", _TEXTS, kind="differs")
        responses = called.model.startswith(RESPONSES)
        make = azure.responses_account if responses else azure.account
        account = make(called.base_url, version)
        if account is None:
            params.note("api_version", f"{version[:60]!r} is no version; the entry was left out", kind="left_out")
            return None
        return account, azure.deployment(called.model.removeprefix(RESPONSES))

    def _at_bedrock(self, params: Section, called: VendorCall) -> tuple[ImportedUpstream, str] | None:
        split = bedrock.split(called.model)
        if split is None:
            params.note("model", "is called by a way of Bedrock's that is not known here; left out", kind="left_out")
            return None
        named, model = split
        endpoint = params.needed("aws_bedrock_runtime_endpoint")
        region = bedrock.region(params, named)
        if region is None or endpoint is None:
            return None
        base_url = endpoint.rstrip("/") or called.base_url
        if base_url:
            return ImportedUpstream("bedrock", base_url=base_url), model
        return ImportedUpstream("bedrock", variables=(("region", region),)), model


def _is_read(address: str) -> bool:
    """Say whether an address can be taken apart: not one with half of a bracket."""
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True
