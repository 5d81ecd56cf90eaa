"""What a house holds on this machine while it stands: its directory and its ports, each with a clear refusal."""

import errno
import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import IO

from tulou.kernel.errors import ConflictError, InvalidError, UnavailableError


def claim_directory(directory: Path) -> IO[str]:
    """Lock the house's directory for as long as the returned file is open; raise `ConflictError` if it is held."""
    try:
        (directory / "run").mkdir(parents=True, exist_ok=True)
        lock = (directory / "run" / "house.lock").open("a+")
    except OSError as error:
        raise UnavailableError(f"cannot write in {directory}: {error.strerror}; choose another with --dir") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        with lock:
            lock.seek(0)
            holder = lock.read().strip()
        raise ConflictError(
            f"a house is up in {directory} already (process {holder}); "
            "`tulou status` shows it, `tulou down` stops it, --dir starts another elsewhere"
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def claim_gate(host: str, port: int) -> socket.socket:
    """Reserve the gate's address for the gateways, which share it; raise `ConflictError` if someone listens there."""
    _refuse_if_taken(host, port)
    reserved = _socket(host)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    _bind(reserved, host, port)
    return reserved


def share_gate(host: str, port: int) -> socket.socket:
    """Listen on the reserved address beside the other gateways; the kernel spreads connections over them."""
    shared = claim_shared(host, port)
    shared.listen(2048)
    shared.settimeout(0)
    return shared


def claim_shared(host: str, port: int) -> socket.socket:
    """Bind an address that others of this house are bound to as well."""
    shared = _socket(host)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    _bind(shared, host, port)
    return shared


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address of our own; connections wait in it while its process is being restarted."""
    ours = _socket(host)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _bind(ours, host, port)
    ours.listen(1024)
    ours.settimeout(0)
    return ours


def _refuse_if_taken(host: str, port: int) -> None:
    """Bind without sharing: with SO_REUSEPORT alone two houses of one user would silently share a port."""
    with _socket(host) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(probe, host, port)
        with suppress(OSError):
            probe.listen(1)


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)


def _bind(ours: socket.socket, host: str, port: int) -> None:
    try:
        ours.bind((host, port))
    except PermissionError as error:
        raise InvalidError(
            f"port {port} needs privileges this user lacks; choose one above 1023 with --port"
        ) from error
    except (OSError, OverflowError) as error:
        ours.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise ConflictError(
                f"port {port} on {host} is taken by another program; choose another: "
                "`.venv/bin/tulou up --detach --port N`, or `make up PORT=N`; --port 0 takes a free one"
            ) from error
        raise InvalidError(f"cannot listen on {host}:{port}: {error}; mend [house] host and port") from error
