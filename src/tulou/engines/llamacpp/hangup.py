"""Cut the connections of a server that lives in this process: llama.cpp has no call to end what it is writing."""

import os
import socket

import psutil


def hang_up(address: str) -> int:
    """Cut every connection to `http://host:port`; return how many there were."""
    port = int(address.rsplit(":", 1)[1])
    ours = psutil.Process().net_connections("tcp")
    fds = [one.fd for one in ours if one.laddr and one.laddr.port == port and one.raddr and one.fd >= 0]
    return sum(_cut(fd, port) for fd in fds)


def _cut(fd: int, port: int) -> bool:
    """Shut a connection down through a copy of its descriptor, unless it ended, or became another, meanwhile."""
    try:
        with socket.socket(fileno=os.dup(fd)) as line:
            if line.getsockname()[1] != port:
                return False
            line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True
