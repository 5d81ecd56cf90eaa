"""The files service: what projects upload, and what batches write for them.

Owns: files (tables `files_*`), and their pieces under `files/` in the blob store.
Needs: a database and a blob store.
Publishes: nothing; whoever needs a file asks for it.
Flow: `http.py` reads the form -> `service.py` notes that a file arrives, stores its pieces, and lets it be seen -> the
sweep removes what has expired, and what broke off.
"""
