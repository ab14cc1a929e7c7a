import pytest

from config.profiles import Profile
from crawler.model.errors import AddressRefused
from crawler.passage import check_address, proxy_for, socks_user
from tests.model.test_onion import made_onion

ONION = made_onion(b"k" * 32)


@pytest.mark.parametrize("path", ["", "/", "/listing?id=1", ":8080/x"])
def test_a_valid_onion_service_passes(path: str) -> None:
    assert check_address(f"http://{ONION}{path}") == ONION


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://localhost/",
        f"http://example.com/{ONION}",
        f"http://{ONION}.example.com/",
        f"http://{ONION}@example.com/",
        f"http://officer:secret@{ONION}/",
        f"ftp://{ONION}/",
        "file:///etc/passwd",
        "data:text/html,x",
        "javascript:alert(1)",
        f"http://{'a' * 56}.onion/",
        f"http://{ONION}:99999/",
        f"http://{ONION}:0/",
        "http:///path",
        "",
        "http://[broken/",
    ],
)
def test_every_other_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        check_address(url)
    assert repr(url) in str(refusal.value)


def test_a_clear_net_shop_passes_only_under_the_profile_that_names_it() -> None:
    shop = Profile(name="shop", kind="shop", clear_net=("shop.example",))
    assert check_address("https://shop.example/", shop) == "shop.example"
    with pytest.raises(AddressRefused):
        check_address("https://cdn.shop.example/", shop)
    with pytest.raises(AddressRefused):
        check_address("https://shop.example/")


def test_a_market_keeps_its_identity_and_shares_it_with_nobody() -> None:
    assert socks_user("one") == socks_user("one")
    names = {socks_user("one"), socks_user("two"), socks_user("one", "officer-7"), socks_user("one2")}
    assert len(names) == 4
    assert not any(name.startswith("<") for name in names)
    assert proxy_for("127.0.0.1:9050", "one") == f"socks5://{socks_user('one')}:x@127.0.0.1:9050"
