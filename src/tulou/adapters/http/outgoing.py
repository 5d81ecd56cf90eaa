"""The client that asks other houses: no redirects, and nothing of the environment but the authorities it trusts."""

import ssl

import httpx2


def outgoing_client() -> httpx2.AsyncClient:
    """Return a client without the proxies and the netrc of the environment: what is asked carries credentials.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` name the authorities, as they do for the gate's own client.
    """
    return httpx2.AsyncClient(follow_redirects=False, trust_env=False, verify=ssl.create_default_context())
