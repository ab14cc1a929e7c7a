"""Where Tor itself is filtered, and where a service wants a key of its visitors."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from crawler.home import Home
from crawler.model.errors import BadInput
from crawler.tor.client import attach
from crawler.tor.endpoint import Endpoint
from crawler.tor.pool import kept, place_of
from crawler.tor.torrc import read_tor_settings
from tests.crawler.crawls import found, npswatch
from tests.crawler.tor.bridges import bridge
from tests.crawler.tor.networks import home_in, unpublished_onion
from tests.sites import Site
from tests.small_market import listing_paths, small_market

Publish = Callable[[int], str]
FINGERPRINT, CERTIFICATE = "A" * 40, "cert=" + "x" * 70


@pytest.mark.parametrize("obfs4", [True, False], ids=["obfs4", "plain"])
def test_a_market_is_read_through_a_bridge_and_through_no_listed_guard(
    obfs4: bool, home: Path, tor: dict[str, str], publish: Publish, site: Site, tmp_path: Path
) -> None:
    site.pages = small_market(3)
    address = publish(site.port)
    with bridge(tor, tmp_path / "bridge", obfs4=obfs4) as line:
        the_home = home_in(tor, home, bridges=f"['{line}']")
        fingerprint = line.split()[2 if obfs4 else 1]
        with kept(the_home, "small") as client:
            done = npswatch(home, "crawl", "small", "--start-url", address, "--pace", "none", "--json")
            firsts = {circuit.relays[0] for circuit in client.connection.circuits() if circuit.relays}
            told = npswatch(home, "doctor").stdout
    assert json.loads(done.stdout)["verdict"] == "good", done.stdout
    assert firsts == {fingerprint}
    assert ("1 bridges, by /usr/bin/obfs4proxy" if obfs4 else "1 bridges") in told
    assert {each["listing_id"] for each in found(home)} == listing_paths(3)


def test_a_missing_transport_is_told_by_the_doctor_and_before_tor_is_started(home: Path) -> None:
    the_home = Home.at(home)
    line = f"obfs4 192.0.2.1:443 {FINGERPRINT} {CERTIFICATE} iat-mode=0"
    the_home.tor_settings.write_text(f"bridges = ['{line}']\ntransport_program = '/no/such/program'\n")
    told = npswatch(home, "doctor")
    assert told.returncode == 1
    assert re.search(r"NOT WELL tor.toml: .*/no/such/program.*apt-get install obfs4proxy", told.stdout)
    done = npswatch(home, "crawl", "small", "--start-url", f"http://{unpublished_onion()}/")
    assert done.returncode == 2
    assert "apt-get install obfs4proxy" in done.stderr
    assert not (the_home.tor / str(place_of("small"))).exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bridges = ['snowflake 192.0.2.1:443']", "transport 'snowflake' is unknown"),
        ("bridges = ['obfs4 bridge.example:443']", "must be IP:PORT"),
        ("bridges = ['obfs4 192.0.2.1:443 ABCD']", "40 hex digits"),
        (f"bridges = ['obfs4 192.0.2.1:443 {FINGERPRINT} cert=short']", "cert= with 70 characters"),
        ("bridges = ['192.0.2.1:99999']", "must be IP:PORT"),
        ("bridges = ['192.0.2.1:443 XYZ']", "40 hex digits"),
        ("bridges = 'one'", "list of strings"),
        ("bridge = []", "unknown key 'bridge'"),
        ("bridges = [", "cannot be read"),
    ],
)
def test_faults_in_tor_toml_are_told_in_one_line(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "tor.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=why) as caught:
        read_tor_settings(path)
    assert "\n" not in str(caught.value)


def test_lines_as_bridges_are_given_out_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tor.toml"
    obfs4 = f"obfs4 [2001:db8::1]:443 {FINGERPRINT} {CERTIFICATE} iat-mode=0"
    path.write_text(f"bridges = ['Bridge {obfs4}', '192.0.2.1:9001']\n")
    settings = read_tor_settings(path)
    assert settings.bridges == (obfs4, "192.0.2.1:9001")
    assert settings.transports == ("obfs4",)


def test_a_service_that_wants_a_key_is_read_with_it_and_refused_by_name_without(
    home: Path, tor: dict[str, str], site: Site
) -> None:
    site.pages = small_market(3)
    secret = X25519PrivateKey.generate()
    public = base64.b32encode(secret.public_key().public_bytes_raw()).decode().rstrip("=")
    private = base64.b32encode(secret.private_bytes_raw()).decode().rstrip("=")
    ports = ["--tor-socks", tor["socks"], "--tor-control", tor["control"], "--pace", "none", "--json"]
    with attach(Endpoint.parse(tor["host_socks"], "host"), Endpoint.parse(tor["host_control"], "host")) as host:
        onion = host.publish_onion(site.port, client=public).host
        without = npswatch(home, "crawl", "small", "--start-url", f"http://{onion}/", *ports)
        run = json.loads(without.stdout)
        assert (run["verdict"], without.returncode) == ("blind", 1)
        assert f'lets in only who has a key: put its x25519 key under [client_keys] "{onion}"' in run["reasons"][-1]
        file = Home.at(home).market_file("small")
        file.write_text(file.read_text() + f'[client_keys]\n"{onion}" = "{private}"\n')
        done = npswatch(home, "crawl", "small", *ports, "--fresh")
        assert json.loads(done.stdout)["verdict"] == "good", done.stdout
    assert {each["listing_id"] for each in found(home)} == listing_paths(3)
    assert "tor-control" in npswatch(home, "crawl", "small", "--tor-socks", tor["socks"]).stderr
