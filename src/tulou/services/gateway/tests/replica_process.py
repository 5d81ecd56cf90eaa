"""A replica in a process of its own, so that a test can kill it: `python replica_process.py`; prints its port."""

import asyncio
import sys

ANSWER = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}],"usage":{"prompt_tokens":1}}'
TAKES_S = 0.02


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request after a while, so that some are in work whenever the process dies."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            at = head.index(b"content-length: ") + 16
            await reader.readexactly(int(head[at : head.index(b"\r\n", at)]))
            await asyncio.sleep(TAKES_S)
            headers = b"content-type: application/json\r\ncontent-length: %d\r\n" % len(ANSWER)
            writer.write(b"HTTP/1.1 200 OK\r\n%b\r\n%b" % (headers, ANSWER))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
