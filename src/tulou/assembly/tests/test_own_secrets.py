"""What a house makes for itself is out of reach for references."""

from tulou.adapters.credentials.references import OWN
from tulou.adapters.files.master_key import NAME
from tulou.assembly.opened import HOUSE_TOKEN
from tulou.assembly.owner import ADMIN_KEY, ADMIN_PASSWORD
from tulou.services.governance.seal import KEY, SEAL
from tulou.services.registry.signing import SECRET_NAME


def test_every_secret_of_the_house_is_kept_from_references() -> None:
    assert {ADMIN_KEY, ADMIN_PASSWORD, HOUSE_TOKEN, KEY, NAME, SEAL, SECRET_NAME} == OWN
