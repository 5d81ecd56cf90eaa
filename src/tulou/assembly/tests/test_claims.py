"""A house holds its directory and its ports, and says so to whoever comes second."""

import socket
from pathlib import Path

import pytest

from tulou.assembly.claims import claim_directory, claim_gate, listen, share_gate
from tulou.kernel.errors import ConflictError, UnavailableError


def test_a_directory_holds_one_house(tmp_path: Path) -> None:
    first = claim_directory(tmp_path)

    with pytest.raises(ConflictError, match=r"a house is up in .* already \(process \d+\)"):
        claim_directory(tmp_path)

    first.close()
    claim_directory(tmp_path).close()


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UnavailableError, match=r"cannot write in .*file.*; choose another with --dir"):
        claim_directory(tmp_path / "file")


def test_a_taken_port_is_refused_even_if_its_holder_would_share_it() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(ConflictError, match=f"port {port} on 127.0.0.1 is taken .*--port 0"):
            claim_gate("127.0.0.1", port)


def test_gateways_share_the_port_that_the_supervisor_reserved() -> None:
    with claim_gate("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
        with share_gate("127.0.0.1", port) as one, share_gate("127.0.0.1", port) as two:
            assert one.getsockname() == two.getsockname() == ("127.0.0.1", port)
            with socket.create_connection(("127.0.0.1", port), timeout=5) as caller:
                assert caller.getpeername()[1] == port


def test_two_houses_get_two_free_ports() -> None:
    with claim_gate("127.0.0.1", 0) as one, claim_gate("127.0.0.1", 0) as two, listen("127.0.0.1", 0) as three:
        assert len({ours.getsockname()[1] for ours in (one, two, three)}) == 3
