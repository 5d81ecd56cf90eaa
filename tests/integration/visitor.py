"""A person with a browser, as far as signing in needs one: cookies, redirects, and the forms of the provider."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2

FORM = re.compile(r'<form[^>]*action="(?P<action>[^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="(?P<name>[^"]+)" value="(?P<value>[^"]+)"')
STEPS = 12


@dataclass
class Visitor:
    """Goes where it is sent, and fills in what it is shown, until it is sent to an address that it should stop at."""

    http: httpx2.AsyncClient

    async def to_callback(self, start: str, login: str) -> str:
        """Return the address that the provider sends the browser back to, without going there."""
        return await self._walk(start, login, stop="/sign-in/callback")

    async def _walk(self, url: str, login: str, *, stop: str) -> str:
        reply = await self.http.get(url)
        for _ in range(STEPS):
            if reply.is_redirect:
                url = urljoin(str(reply.url), reply.headers["location"])
                if stop in url:
                    return url
                reply = await self.http.get(url)
            else:
                reply = await self._fill_in(reply, login)
        raise AssertionError(f"still not at {stop} after {STEPS} steps: {reply.url} {reply.status_code}")

    async def _fill_in(self, reply: httpx2.Response, login: str) -> httpx2.Response:
        page = reply.text
        form = FORM.search(page)
        assert form is not None, page
        fields = {match["name"]: match["value"] for match in HIDDEN.finditer(page)}
        if fields["prompt"] == "login":
            fields |= {"login": login, "password": "anything"}
        return await self.http.post(urljoin(str(reply.url), form["action"]), data=fields)
