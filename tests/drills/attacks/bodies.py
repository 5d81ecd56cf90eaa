"""Bodies that are too large, too slow, or made of too many things."""

from itertools import repeat

from tests.drills.attack import attack
from tests.drills.field import Field
from tests.drills.wire import PIECE, Line, connected, head, many

MIB = 2**20
LARGE = 160 * MIB
UNENDED = 404
UNENDED_BYTES = 9 * MIB
TINY_BYTES = 24 * MIB
ROUTES = ("/v1/batches", "/v1/files", "/api/v1/keys", "/v1/organization/usage/completions", "/api/v1/sign-in")


async def _whole(line: Line, size: int, piece: bytes) -> None:
    await line.pour(repeat(piece, size // len(piece)))
    await line.answer()


async def large_bodies_without_a_key(field: Field) -> None:
    """Upload to every kind of route of the administration without a key."""
    size = field.size.of(LARGE) // PIECE * PIECE

    async def one(number: int) -> None:
        async with connected(field.place()) as line:
            await line.send(head("POST", ROUTES[number % len(ROUTES)], length=size))
            await _whole(line, size, b"x" * PIECE)

    await many(field, 2 * len(ROUTES), one)


async def large_bodies_at_the_port_of_control(field: Field) -> None:
    """Do the same beside the gate, as somebody on the same machine could."""
    size = field.size.of(LARGE) // PIECE * PIECE
    routes = (*ROUTES, "/rpc/files.append", "/rpc/nothing")

    async def one(number: int) -> None:
        async with connected(field.place(field.control)) as line:
            await line.send(head("POST", routes[number % len(routes)], length=size))
            await _whole(line, size, b"x" * PIECE)

    await many(field, 2 * len(routes), one)


async def bodies_of_tiny_elements(field: Field) -> None:
    """Send lists of nothing, with valid keys."""
    size = field.size.of(TINY_BYTES)
    routes = (*ROUTES, "/api/v1/configuration/plan", "/v1/chat/completions", "/v1/embeddings")

    async def one(number: int) -> None:
        path = routes[number % len(routes)]
        most = min(size, UNENDED_BYTES) if number >= len(ROUTES) else size
        async with connected(field.place()) as line:
            key = field.admin if path.startswith("/api") else field.key
            await line.send(head("POST", path, key=key, length=most // 3 * 3) + b"[")
            await line.pour([b"{}," * (most // 3 - 1), b"1]"])
            await line.answer()

    await many(field, 2 * len(routes), one)


async def bodies_that_never_end(field: Field) -> None:
    """Send all but the last byte of many large bodies, and wait."""
    piece = b"x" * (256 * 1024)

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            await line.send(head("POST", "/v1/chat/completions", key=field.key, length=UNENDED_BYTES + 1))
            await line.pour(repeat(piece, UNENDED_BYTES // len(piece)))
            await line.reader.read()

    await many(field, field.size.of(UNENDED), one)


async def uploads_that_never_end(field: Field) -> None:
    """Begin many files and send a little of each."""
    form = "content-type: multipart/form-data; boundary=x\r\n"
    part = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'

    async def one(_: int) -> None:
        async with connected(field.place()) as line:
            start = head("POST", "/v1/files", key=field.key, length=LARGE, more=form)
            await line.send(start.replace(b"content-type: application/json\r\n", b"") + part + b"x" * 2 * MIB)
            await line.reader.read()

    await many(field, field.size.of(UNENDED), one)


ATTACKS = (
    attack(large_bodies_without_a_key, stranger=True),
    attack(large_bodies_at_the_port_of_control, stranger=True),
    attack(bodies_of_tiny_elements),
    attack(bodies_that_never_end),
    attack(uploads_that_never_end),
)
