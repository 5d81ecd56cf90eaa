"""An S3 server: OpenStack Swift with its S3 interface, from Debian (`swift-{proxy,account,container,object}`)."""

import os
import pwd
import signal
import subprocess
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict
from urllib.request import Request, urlopen

import obstore
from obstore.store import S3Store

from tulou.testing.servers.process import ServerProcess, free_port

STORES = ("account", "container", "object")
PIPELINE = "catch_errors proxy-logging listing_formats cache s3api tempauth bulk slo dlo proxy-logging proxy-server"
ACCESS_KEY = "test:tester"
SECRET_KEY = "testing"  # noqa: S105 - a test's


class SwiftKeys(TypedDict):
    """What a client proves itself with."""

    access_key_id: str
    secret_access_key: str


class SwiftServer:
    """A proxy with one account, and one copy of everything behind it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {name: free_port() for name in (*STORES, "proxy")}
        self.endpoint = f"http://127.0.0.1:{self._ports['proxy']}"
        self.keys: SwiftKeys = {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}
        (folder / "devices" / "d1").mkdir(parents=True)
        for name in STORES:
            self._ring(name)
        self._processes = [self._server(name) for name in (*STORES, "proxy")]

    def start(self) -> None:
        """Start all four."""
        for process in self._processes:
            process.launch()
        for process in self._processes:
            process.wait_ready()

    def new_bucket(self, name: str) -> str:
        """Make a bucket and return its URL."""
        store = S3Store(
            name,
            endpoint=self.endpoint,
            region="us-east-1",
            client_options={"allow_http": True},
            virtual_hosted_style_request=False,
            **self.keys,
        )
        url = obstore.sign(store, "PUT", "", timedelta(minutes=1))
        urlopen(Request(url, method="PUT", data=b""), timeout=120).close()  # noqa: S310 - the server just started
        return f"s3://{name}/tests?endpoint={self.endpoint}"

    def stop(self) -> None:
        """End all four at once: what they keep is thrown away."""
        for process in reversed(self._processes):
            process.stop(signal.SIGKILL)

    def _ring(self, name: str) -> None:
        device = ["--region", "1", "--zone", "1", "--ip", "127.0.0.1", "--device", "d1", "--weight", "1", "--port"]
        for arguments in (["create", "4", "1", "0"], ["add", *device, str(self._ports[name])], ["rebalance"]):
            command = ["swift-ring-builder", str(self._folder / f"{name}.builder"), *arguments]
            subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own command

    def _server(self, name: str) -> ServerProcess:
        conf = self._folder / f"{name}.conf"
        conf.write_text(_ini(self._proxy() if name == "proxy" else self._store(name)), "utf-8")
        command = [f"/usr/bin/swift-{name}-server", str(conf), "-v"]
        return ServerProcess(command, log=self._folder / f"{name}.log", port=self._ports[name])

    def _default(self, name: str) -> Mapping[str, str]:
        return {
            "bind_ip": "127.0.0.1",
            "bind_port": str(self._ports[name]),
            "workers": "0",
            "user": pwd.getpwuid(os.geteuid()).pw_name,
            "swift_dir": str(self._folder),
            "devices": str(self._folder / "devices"),
            "mount_check": "false",
            "log_address": "/nowhere",
        }

    def _store(self, name: str) -> Mapping[str, Mapping[str, str]]:
        return {
            "DEFAULT": self._default(name),
            "pipeline:main": {"pipeline": f"{name}-server"},
            f"app:{name}-server": {"use": f"egg:swift#{name}"},
        }

    def _proxy(self) -> Mapping[str, Mapping[str, str]]:
        filters = {
            "catch_errors": {"use": "egg:swift#catch_errors"},
            "proxy-logging": {"use": "egg:swift#proxy_logging"},
            "listing_formats": {"use": "egg:swift#listing_formats"},
            "cache": {"use": "egg:swift#memcache", "memcache_servers": "127.0.0.1:1"},
            "s3api": {"use": "egg:swift#s3api", "location": "us-east-1", "check_bucket_owner": "false"},
            "tempauth": {"use": "egg:swift#tempauth", "user_test_tester": f"{SECRET_KEY} .admin"},
            "bulk": {"use": "egg:swift#bulk"},
            "slo": {"use": "egg:swift#slo"},
            "dlo": {"use": "egg:swift#dlo"},
        }
        return {
            "DEFAULT": self._default("proxy"),
            "pipeline:main": {"pipeline": PIPELINE},
            "app:proxy-server": {
                "use": "egg:swift#proxy",
                "account_autocreate": "true",
                "allow_account_management": "true",
            },
            **{f"filter:{name}": settings for name, settings in filters.items()},
        }


@contextmanager
def swift_server() -> Generator[SwiftServer]:
    """Run a server as long as the block runs."""
    with ExitStack() as stack:
        server = SwiftServer(Path(stack.enter_context(TemporaryDirectory(prefix="tulou-swift-"))))
        stack.callback(server.stop)
        server.start()
        yield server


def _ini(sections: Mapping[str, Mapping[str, str]]) -> str:
    return "\n".join(
        "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in settings.items()), ""])
        for name, settings in sections.items()
    )
