from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from running import free_port

from cliproxy.addons.accounts.loopback import CannotListen, listening


async def test_the_browser_comes_back_with_its_whole_address() -> None:
    port = free_port()
    async with listening(f"http://localhost:{port}/callback", "s1") as came, httpx.AsyncClient() as browser:
        answer = await browser.get(f"http://127.0.0.1:{port}/callback?code=c1&state=s1")
        assert (answer.status_code, "close this page" in answer.text) == (200, True)
        assert await came == f"http://localhost:{port}/callback?code=c1&state=s1"


async def test_what_others_send_is_no_answer() -> None:
    """Any page on the web can make a browser call this port."""
    port = free_port()
    async with listening(f"http://127.0.0.1:{port}/callback", "s1") as came, httpx.AsyncClient() as browser:
        for wrong in ("/callback?code=c1&state=s2", "/callback?code=c1", "/other?code=c1&state=s1", "/"):
            assert (await browser.get(f"http://127.0.0.1:{port}{wrong}")).status_code == 404
        post = await browser.post(f"http://127.0.0.1:{port}/callback?code=c1&state=s1")
        assert post.status_code == 404
        assert not came.done()


async def test_nothing_listens_afterwards() -> None:
    port = free_port()
    async with listening(f"http://127.0.0.1:{port}/callback", "s1"):
        pass
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"Port {port} of this machine is in use"):
            async with listening(f"http://localhost:{port}/callback", "s1"):
                pass


async def test_it_listens_on_this_machine_only() -> None:
    with pytest.raises(CannotListen, match=r"gateway\.example\.com is not this machine"):
        async with listening("https://gateway.example.com/callback", "s1"):
            pass
