"""A certified OpenID provider, the npm package `oidc-provider`, that lets anybody in under the name they give."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tulou.testing.servers.process import ServerProcess, free_port

FOLDER = Path(__file__).parents[4] / "tests" / "openid"
CLIENT = "tulou"
SECRET = "a secret, with / signs & spaces"  # noqa: S105 - known to tests alone
ID_TOKEN_S = 60


class OpenIdServer:
    """One provider with one client."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.issuer = f"http://127.0.0.1:{port}"
        options = {"port": port, "client": CLIENT, "secret": SECRET, "idTokenS": ID_TOKEN_S}
        command = ["node", str(FOLDER / "provider.mjs"), json.dumps(options)]
        self._process = ServerProcess(command, log=folder / "log", port=port)

    def start(self) -> None:
        """Start with nobody signed in."""
        self._process.start()

    def stop(self) -> None:
        """End it."""
        self._process.stop()


@contextmanager
def openid_server() -> Generator[OpenIdServer]:
    """Run a provider as long as the block runs."""
    with TemporaryDirectory(prefix="tulou-openid-") as name:
        server = OpenIdServer(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()
