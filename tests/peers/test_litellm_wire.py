"""What is kept of LiteLLM's requests is what LiteLLM sends."""

import json
import os

from tests.contracts.litellm_wire import KEPT, configurations, kept
from tests.contracts.recording import recording
from tests.peers.litellm_peer import sent_by_litellm

WRITE = "TULOU_PEERS_WRITE"
"""Set, what LiteLLM sends is kept anew."""


def test_what_is_kept_is_what_litellm_sends() -> None:
    with recording() as recorder:
        sent = sent_by_litellm(configurations(), recorder)
    if os.environ.get(WRITE):
        lines = (f" {json.dumps(name)}: {json.dumps(entries, sort_keys=True)}" for name, entries in sent.items())
        KEPT.write_text("\n".join(["{", ",\n".join(lines), "}", ""]), "utf-8")
    assert sent == kept()
