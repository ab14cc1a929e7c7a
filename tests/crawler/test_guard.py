"""The guard is proved in processes of their own: once closed it stays closed."""

import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest


@pytest.fixture
def clear_net() -> Iterator[socket.socket]:
    """A listener that must see nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        yield listener


def guarded(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = "import socket, sys\nfrom crawler.guard import GUARD, LeakRefused, pin_name\n" + textwrap.dedent(code)
    return subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except TimeoutError:
        return True
    return False


ATTEMPTS = {
    "a plain connect": "socket.create_connection(('127.0.0.1', port))",
    "a connect without waiting": "socket.socket().connect_ex(('127.0.0.1', port))",
    "urllib": "import urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{port}/')",
    "httpx": "import httpx2; httpx2.get(f'http://127.0.0.1:{port}/')",
    "asyncio": "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', port))",
    "a datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))",
    "a connected datagram": "socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', port))",
    "a program": "import subprocess; subprocess.run(['true'])",
    "a shell": "import os; os.system('true')",
    "a unix socket": "socket.socket(socket.AF_UNIX).connect('/run/nscd/socket')",
    "a name": "socket.getaddrinfo('example.com', 80)",
    "an old look-up": "socket.gethostbyname('example.com')",
    "a name by asyncio": "import asyncio; asyncio.run(asyncio.open_connection('example.com', 80))",
    "a reverse look-up": "socket.gethostbyaddr('127.0.0.1.example')",
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_nothing_leaves_a_closed_guard(attempt: str, clear_net: socket.socket) -> None:
    done = guarded(
        f"""
        GUARD.close([("127.0.0.1", 1)])
        port = int(sys.argv[1])
        try:
            {attempt}
        except Exception as error:
            print(type(error))
        print(GUARD.refusals)
        """,
        str(clear_net.getsockname()[1]),
    )
    assert "refused by the guard" in done.stdout, done.stderr
    assert nobody_came(clear_net)


def test_an_allowed_address_is_reached_and_its_neighbour_is_not(clear_net: socket.socket) -> None:
    port = clear_net.getsockname()[1]
    done = guarded(
        """
        port = int(sys.argv[1])
        GUARD.close([("127.0.0.1", port)])
        socket.create_connection(("127.0.0.1", port)).close()
        try:
            socket.create_connection(("127.0.0.1", port - 1))
        except LeakRefused as error:
            print(error)
        """,
        str(port),
    )
    assert f"'127.0.0.1', {port - 1}" in done.stdout, done.stderr
    assert not nobody_came(clear_net)


def test_a_pinned_name_is_answered_without_a_look_up(clear_net: socket.socket) -> None:
    done = guarded(
        """
        port = int(sys.argv[1])
        GUARD.close(pin_name("localhost", port))
        import urllib.request
        socket.create_connection(("localhost", port)).close()
        try:
            socket.getaddrinfo("localhost.example", port)
        except LeakRefused as error:
            print("refused", error)
        """,
        str(clear_net.getsockname()[1]),
    )
    assert "localhost.example" in done.stdout, done.stderr
    assert not nobody_came(clear_net)


def test_the_public_suffix_list_is_not_fetched_at_the_first_cookie(clear_net: socket.socket) -> None:
    done = guarded(
        """
        GUARD.close([("127.0.0.1", 1)])
        from tldextract import TLDExtract
        print(TLDExtract(suffix_list_urls=(), cache_dir=None)("http://shop.example.co.uk/").suffix, GUARD.refusals)
        """
    )
    assert done.stdout.strip() == "co.uk []", done.stderr
