"""The gateway's table holds the settings of its parts, each with the default that the part has by itself."""

import pytest

from tulou.services.gateway.ledger.settings import LedgerSettings
from tulou.services.gateway.quota.settings import QuotaSettings
from tulou.services.gateway.settings import GatewaySettings


def test_the_parts_have_the_defaults_that_they_have_alone() -> None:
    settings = GatewaySettings()

    assert settings.ledger == LedgerSettings()
    assert settings.quota == QuotaSettings()


@pytest.mark.parametrize("value", [0.5, 7.0])
def test_what_the_table_says_reaches_the_part(value: float) -> None:
    settings = GatewaySettings(ledger_sync_s=value, quota_ask_s=value, ledger_batch=3, quota_subjects=4)

    assert settings.ledger == LedgerSettings(sync_s=value, batch=3)
    assert settings.quota == QuotaSettings(ask_s=value, subjects=4)
