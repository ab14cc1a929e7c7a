from __future__ import annotations

import datetime
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.model.errors import BadInput, StoreUnavailable
from crawler.model.sighting import Document
from index import elasticsearch_indices
from index.address import ElasticsearchAddress, parse_address
from index.opening import open_store
from tests.index.standin import StandIn, stand_in
from tests.index.varied import varied_listings

BUSY = (429, {"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429})
CLOSED = (503, {"error": {"type": "cluster_block_exception", "reason": "no master"}, "status": 503})


@pytest.fixture
def before(elasticsearch_address: str) -> Iterator[StandIn]:
    with stand_in(elasticsearch_address) as running:
        yield running


@pytest.fixture
def through(before: StandIn, new_elasticsearch_address: Callable[[], str]) -> str:
    """An address of new indices, reached through the stand-in."""
    return before.address + urlsplit(new_elasticsearch_address()).path


def _first(number: int, answer: tuple[int, Any], ending: str) -> Callable[[str], tuple[int, Any] | None]:
    left = [answer] * number

    def rule(path: str) -> tuple[int, Any] | None:
        return left.pop() if left and path.split("?")[0].endswith(ending) else None

    return rule


@pytest.mark.parametrize("answer", [BUSY, CLOSED], ids=["429", "503"])
def test_a_server_that_is_busy_for_a_moment_takes_everything_in_the_end(
    before: StandIn, through: str, answer: tuple[int, Any]
) -> None:
    store = open_store(through)
    before.rule = _first(2, answer, "/_bulk")
    assert store.put(varied_listings(50)) == ()
    before.rule = _first(1, answer, "/_search")
    store.refresh()
    assert store.search("*").total == 50
    assert sum("_bulk" in asked for asked in before.asked) == 3
    store.close()


def test_a_server_that_stays_busy_is_given_up_after_a_while_and_nothing_is_lost(before: StandIn, through: str) -> None:
    store = open_store(through)
    before.rule = _first(1000, BUSY, "/_bulk")
    start = time.monotonic()
    with pytest.raises(StoreUnavailable, match="429"):
        store.put(varied_listings(5))
    assert 1 < time.monotonic() - start < 20
    before.rule = lambda path: None
    assert store.put(varied_listings(5)) == ()
    store.refresh()
    assert store.count("*") == 5
    store.close()


def test_one_document_the_server_had_no_room_for_is_sent_again(before: StandIn, through: str) -> None:
    store = open_store(through)
    full = [{"index": {"_index": "x", "_id": "l00000", "status": 429, "error": BUSY[1]["error"]}}]

    def once(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if "/_bulk" not in path or not full:
            return body
        return body | {"errors": True, "items": [full.pop(), *body["items"][1:]]}

    before.change = once
    assert store.put(varied_listings(20)) == ()
    store.refresh()
    assert store.count("*") == 20
    assert sum("_bulk" in asked for asked in before.asked) == 2
    store.close()


def test_what_only_the_server_refuses_is_rejected_and_the_rest_kept(
    new_elasticsearch_address: Callable[[], str],
) -> None:
    store = open_store(new_elasticsearch_address())
    odd = Document(kind="listing", id="odd", body={"title": "x", "prices": "cheap"})
    rejected = store.put([*varied_listings(5), odd])
    assert [(each.kind, each.id) for each in rejected] == [("listing", "odd")]
    assert "prices" in rejected[0].reason
    store.refresh()
    assert store.count("*") == 5
    store.close()


def test_an_index_that_was_deleted_under_us_is_no_reason_to_reject(
    elasticsearch_address: str, new_elasticsearch_address: Callable[[], str]
) -> None:
    from elasticsearch import Elasticsearch

    address = new_elasticsearch_address()
    store = open_store(address)
    with Elasticsearch(elasticsearch_address) as client:
        client.indices.delete(index=f"{urlsplit(address).path[1:]}-listing-000001")
    with pytest.raises(StoreUnavailable):
        store.put(varied_listings(3))
    with pytest.raises(StoreUnavailable):
        store.count("*")
    store.close()
    again = open_store(address)
    assert again.put(varied_listings(3)) == ()
    again.close()


def test_a_port_where_nobody_listens_is_named_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(StoreUnavailable, match=str(port)):
        open_store(f"http://127.0.0.1:{port}")
    assert time.monotonic() - start < 5


def test_a_server_that_takes_the_call_and_says_nothing_is_given_up_within_ten_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        start = time.monotonic()
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            open_store(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert time.monotonic() - start < 10


def test_what_is_no_elasticsearch_is_told_apart(before: StandIn) -> None:
    before.is_elasticsearch = False
    before.rule = lambda path: (200, {})
    with pytest.raises(StoreUnavailable, match="no Elasticsearch"):
        open_store(before.address)


def test_a_wrong_password_is_said_and_never_shown(before: StandIn) -> None:
    before.rule = lambda path: (401, {"error": {"type": "security_exception", "reason": "unable to authenticate"}})
    with pytest.raises(StoreUnavailable, match="refuses this user: unable to authenticate") as fault:
        open_store(before.address.replace("//", "//officer:s3cret@"))
    assert "s3cret" not in str(fault.value)


@pytest.mark.parametrize("path", ["/Upper", "/a b", "/1st", "/a/b", "/ü"])
def test_a_prefix_that_no_index_can_have_is_refused(path: str) -> None:
    with pytest.raises(BadInput, match="prefix"):
        parse_address(f"http://127.0.0.1:9200{path}")


def test_an_ipv6_address_keeps_its_brackets() -> None:
    address = parse_address("http://[::1]:9200/birch")
    assert isinstance(address, ElasticsearchAddress)
    assert address.url() == "http://[::1]:9200/birch"


def test_user_and_password_survive_being_written_as_one_line() -> None:
    address = parse_address("https://us%40er:p%2Fw@index.example:9200")
    assert isinstance(address, ElasticsearchAddress)
    assert (address.user, address.password) == ("us@er", "p/w")
    assert parse_address(address.url()) == address


def test_indices_made_with_other_fields_are_moved_to_new_ones(
    elasticsearch_address: str, new_elasticsearch_address: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from elasticsearch import Elasticsearch

    address = new_elasticsearch_address()
    store = open_store(address)
    store.put(varied_listings(30))
    store.close()
    monkeypatch.setattr(elasticsearch_indices, "field_table_digest", lambda: "another")
    elasticsearch_indices.template.cache_clear()
    again = open_store(address)
    elasticsearch_indices.template.cache_clear()
    assert again.count("*") == 30
    assert again.count("кристалл") > 0
    assert again.put(varied_listings(31)) == ()
    prefix = urlsplit(address).path[1:]
    with Elasticsearch(elasticsearch_address) as client:
        assert list(client.indices.get_alias(name=f"{prefix}-listing")) == [f"{prefix}-listing-000002"]
        assert not client.indices.exists(index=f"{prefix}-listing-000001")
    again.close()


def _certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A server's TLS for that name, with a certificate of its own in ``ca.pem``."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(certificate.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


def test_a_server_must_prove_its_name_by_an_authority_we_know(
    tmp_path: Path, elasticsearch_address: str, new_elasticsearch_address: Callable[[], str]
) -> None:
    path = urlsplit(new_elasticsearch_address()).path
    with stand_in(elasticsearch_address, _certificate(tmp_path, "localhost")) as before:
        named = before.address.replace("127.0.0.1", "localhost")
        store = open_store(f"{named}{path}?ca={tmp_path}/ca.pem")
        assert store.put(varied_listings(3)) == ()
        store.close()
        with pytest.raises(StoreUnavailable, match="127"):
            open_store(f"{before.address}{path}?ca={tmp_path}/ca.pem")
        with pytest.raises(StoreUnavailable):
            open_store(f"{named}{path}")
    with pytest.raises(BadInput, match="no file"):
        open_store("https://127.0.0.1/?ca=/no/such/file")
