"""Cut the connections of a server that lives in this process: llama.cpp has no call to end what it is writing."""

import os
import socket

import psutil


def hang_up(address: str) -> int:
    """Cut every connection to `http://host:port`; return how many there were."""
    port = int(address.rsplit(":", 1)[1])
    ours = psutil.Process().net_connections("tcp")
    cut = [one.fd for one in ours if one.laddr and one.laddr.port == port and one.raddr and one.fd >= 0]
    for fd in cut:
        # a copy, since closing the descriptor itself is up to its owner
        with socket.socket(fileno=os.dup(fd)) as line:
            line.shutdown(socket.SHUT_RDWR)
    return len(cut)
