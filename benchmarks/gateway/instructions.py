"""How much work is a request, whatever the machine's mood? `python benchmarks/gateway/instructions.py TREE`.

The gate of another tree (a checkout, `git worktree add TREE COMMIT`) and today's run under Valgrind's cachegrind, which
counts the instructions that a program executes itself, without the kernel's. They are asked over one connection, one
after the other; of many requests less few, and less what the gate does meanwhile when nobody asks, is what one takes.
The same tree gives the same to about one in a hundred. Needs `valgrind`, which Debian has.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parents[2]
FEW, MANY, IDLE_S = 300, 3_300, 10.0
MEASURE = "import sys; from instructions import measure; print(measure(sys.argv[1]))"
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def ask(port: int, count: int) -> float:
    """Ask so many times; return the seconds it took."""
    body = b'{"model":"plain","messages":[{"role":"user","content":"Say something about gates."}]}'
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer sk-tulou-benchmark\r\n"
    head += b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as line:
        for _ in range(count):
            line.sendall(head + body)
            _read(line)
    return time.monotonic() - began


def _read(line: socket.socket) -> None:
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(65536)
    start, _, rest = said.partition(b"\r\n\r\n")
    length = LENGTH.search(start)
    if b" 200 " not in start or length is None:
        raise ValueError(f"the gate answered {start!r}")
    while len(rest) < int(length[1]):
        rest += line.recv(65536)


def measure(tree: str) -> float:
    """Return the instructions of one request; the modules are those of the tree that is on the path."""
    few, _ = _run(tree, FEW)
    many, took = _run(tree, MANY)
    rested, _ = _run(tree, FEW, idle_s=IDLE_S)
    return (many - few - (rested - few) / IDLE_S * took) / (MANY - FEW)


def _run(tree: str, requests: int, *, idle_s: float = 0.0) -> tuple[int, float]:
    """Return what a gate executed from its start to its end, and how long the requests took."""
    import contenders  # noqa: PLC0415 - of the tree that is measured
    import msgspec  # noqa: PLC0415

    with TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        answers = contenders.UPSTREAM.format(port=contenders.JSON_PORT, answer=contenders.ANSWER)
        with contenders.nginx(folder, "upstream", contenders.LOAD_CORE, answers):
            told = folder / "snapshot.json"
            make = vars(contenders)["_snapshot"]  # in older trees too
            told.write_bytes(msgspec.json.encode(make(())))
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            gate = Path(tree, "benchmarks", "gateway", "tulou_gate.py")
            command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder / 'out'}"]
            command += [sys.executable, str(gate), str(port), str(told), str(folder / "house")]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
                contenders.wait_for(f"http://127.0.0.1:{port}/readyz", within_s=240)
                took = ask(port, requests)
                time.sleep(idle_s)
                process.send_signal(signal.SIGTERM)
                text, _ = process.communicate(timeout=120)
            counted = COUNTED.search(text)
            if counted is None:
                raise ValueError(f"valgrind counted nothing:\n{text[-2000:]}")
            return int(counted[1].replace(",", "")), took


def counted(tree: Path) -> float:
    """Return the instructions of a request in a tree."""
    paths = (tree / "src", tree / "benchmarks" / "gateway", HERE / "benchmarks" / "gateway")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    command = [sys.executable, "-c", MEASURE, str(tree)]
    told = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return float(told.stdout.splitlines()[-1])


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path, help="a checkout of the commit to compare with")
    there, here = counted(parser.parse_args().tree.resolve()), counted(HERE)
    print(f"instructions a request: there {there:,.0f}, here {here:,.0f}: {here / there:.2f} of there")


if __name__ == "__main__":
    main()
