"""An HTTP/1.1 server for ASGI applications that may be put before strangers: llhttp reads, everything is bounded.

`server.serve` answers on listening sockets until it is told to stop, `server.serving` on a free port for a block. It
knows nothing of Tulou but `kernel.errors` and `kernel.shares`, and no application.

What it guarantees, and its tests hold:

* A request reaches the application only if every careful reader would read it the same: two lengths, a length beside
  chunks, a name before a colon that is none, a line that ends otherwise: all are refused, and the connection ends
  (`corpus.txt`, where each case says what nginx and h11 do; any bytes at all, drawn and split by Hypothesis).
* Requests of a connection are answered one at a time and in order. Of what comes behind one, little is read.
* When a client leaves, the task of its request is cancelled, whatever it waits for.
* An application that fails, or answers something else than it said, never leaves a connection that looks whole.
* One client address, and one owner once the application says whose a connection is (`owned.claim`), holds no more than
  a share of the connections.
* An answer has no header that the application did not give, but date, connection and transfer-encoding.

Every phase has its bound (`guard.GuardLimits`):

| phase | bound | when it is over |
|---|---|---|
| connections | `connections`, `share` of one address or owner, many behind `trusted` | 503, or 429, and closed |
| head | `head_s` from the first byte, or from connecting; `head_bytes` with 32 for each header | 408; 431 |
| body | at least `rate` bytes a second, with `body_s` of patience; the application caps its size | 408 |
| around chunks | 16 bytes for each byte of data, and `head_bytes` | 413 |
| handler | `handler_s` in which the application neither reads nor writes | 504, or cut; the task is cancelled |
| write | at least `rate` bytes a second are taken, with `stall_s` of patience | cut |
| memory | `unread_bytes` of all answers that are not taken; 64 KiB of each body | the largest is cut; not read |
| idle | `idle_s` | closed |
| drain | `serve(drain_s=)`, then one second to unwind | the task is cancelled, the connection cut |
| drain, idle | `serve(linger_s=)`, for one more request | closed |
| total | `connection_s`: then the request in progress is the last; one answer may last, but never be silent | closed |

All deadlines are looked at each half second by one timer, which costs a request nothing.
"""
