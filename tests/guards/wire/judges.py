"""What others read in the same bytes: h11 in process, nginx as a proxy before a server that notes what it is passed."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import h11

from tulou.testing.eventually import eventually
from tulou.testing.servers.process import free_port

CONFIG = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  client_max_body_size 0; client_header_timeout 1s; client_body_timeout 1s; lingering_close off;
  underscores_in_headers on; ignore_invalid_headers on;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; proxy_ignore_client_abort on; }}
  }}
}}
"""
MARK = b"x-connection"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Read(NamedTuple):
    """One request as somebody read it."""

    method: bytes
    body: bytes


@dataclass(frozen=True)
class Verdict:
    """The requests that somebody read to their end, and whether they then refused what followed."""

    requests: tuple[Read, ...]
    refused: bool


def h11_reads(data: bytes) -> Verdict:
    """Return what h11 reads as a server."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=2**17)
    connection.receive_data(data)
    found: list[Read] = []
    method, body = b"", b""
    try:
        while True:
            match connection.next_event():
                case h11.Request() as request:
                    method, body = request.method, b""
                case h11.Data() as piece:
                    body += bytes(piece.data)
                case h11.EndOfMessage():
                    found.append(Read(method, body))
                    _answer(connection)
                    if connection.our_state is h11.MUST_CLOSE:
                        return Verdict(tuple(found), refused=False)
                    connection.start_next_cycle()
                case _:
                    return Verdict(tuple(found), refused=False)
    except h11.RemoteProtocolError:
        return Verdict(tuple(found), refused=True)


def _answer(connection: h11.Connection) -> None:
    connection.send(h11.Response(status_code=405, headers=[("content-length", "0")]))
    connection.send(h11.EndOfMessage())


@dataclass
class Nginx:
    """An nginx that passes requests on; `passed` are those of the connection that is open."""

    port: int
    passed: list[Read] = field(default_factory=list[Read])

    async def reads(self, data: bytes) -> Verdict:
        """Return what nginx passes on of these bytes; it waits a second for what does not come."""
        self.passed.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answers = b""
        with suppress(OSError):
            writer.write(data)
            writer.write_eof()
            answers = await reader.read()
            while more := await reader.read():
                answers += more
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        statuses = re.findall(rb"HTTP/1\.1 (\d+)", answers)
        refused = not answers or any(status[:1] in b"45" for status in statuses) or b"<html>" in answers[:6]
        return Verdict(tuple(self.passed), refused=refused)


@asynccontextmanager
async def nginx(folder: Path) -> AsyncGenerator[Nginx]:
    """Run nginx before a server that notes, as long as the block runs."""
    made = Nginx(free_port())
    serving = await asyncio.start_server(lambda reader, writer: _note(made, reader, writer), "127.0.0.1", 0)
    upstream = serving.sockets[0].getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=made.port, upstream=upstream))
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-e", str(folder / "error.log")]
    async with serving:
        with subprocess.Popen(command) as process:
            try:
                await eventually(lambda: _listens(made.port))
                yield made
            finally:
                process.terminate()


async def _listens(port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        return True
    return False


async def _note(made: Nginx, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read one request of nginx, which frames it well."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        made.passed.append(Read(head.partition(b" ")[0], body))
        writer.write(ANSWER)
        await writer.drain()
    writer.close()
