from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from casework.kibana.client import Credentials, KibanaRefused
from casework.kibana.install import install
from casework.kibana.objects import saved_objects
from crawler.model.errors import BadInput, BadResult
from tests.casework.kibana.documented import DocumentedKibana, documented_kibana

NOBODY = Credentials()
_IMPORT = "POST /api/saved_objects/_import?overwrite=true"


@pytest.fixture
def kibana() -> Iterator[DocumentedKibana]:
    with documented_kibana() as running:
        yield running
        assert running.faults == []


def test_every_object_is_put_in_place_by_the_documented_calls(kibana: DocumentedKibana) -> None:
    kibana.indices = {"npswatch-listing", "npswatch-observation", "npswatch-vendor", "npswatch-capture", "npswatch-run"}
    done = install(kibana.address, "default", NOBODY)
    assert done.version == "9.2.4"
    assert done.objects == {"index-pattern": 5, "search": 8, "dashboard": 3}
    assert done.empty_views == ()
    assert set(kibana.stored()) == {(each["type"], each["id"]) for each in saved_objects()}
    assert kibana.asked[:2] == ["GET /api/status", _IMPORT]
    assert all(asked.startswith("GET /api/data_views/data_view/npswatch-view-") for asked in kibana.asked[2:])
    assert done.dashboards["npswatch: substances"] == (
        f"{kibana.address}/app/dashboards#/view/npswatch-dashboard-substances"
    )


def test_installing_again_replaces_everything_and_adds_nothing(kibana: DocumentedKibana) -> None:
    first = install(kibana.address, "default", NOBODY)
    held = dict(kibana.stored())
    kibana.stored()["dashboard", "npswatch-dashboard-health"] = {"attributes": {"title": "somebody's change"}}
    assert install(kibana.address, "default", NOBODY) == first
    assert kibana.stored() == held


def test_views_whose_index_is_not_there_yet_are_named(kibana: DocumentedKibana) -> None:
    kibana.indices = {"npswatch-listing", "npswatch-vendor", "npswatch-capture", "npswatch-run"}
    assert install(kibana.address, "default", NOBODY).empty_views == ("npswatch-observation",)


def test_the_objects_of_another_prefix_stand_beside_ours(kibana: DocumentedKibana) -> None:
    install(kibana.address, "default", NOBODY)
    install(kibana.address, "default", NOBODY, prefix="agency")
    titles = {held["attributes"]["title"] for (type_, _), held in kibana.stored().items() if type_ == "index-pattern"}
    assert len(kibana.stored()) == 2 * len(saved_objects())
    assert {"npswatch-listing", "agency-listing"} <= titles


def test_in_a_space_every_call_is_made_inside_of_it(kibana: DocumentedKibana) -> None:
    kibana.spaces["nps desk"] = {}
    done = install(kibana.address, "nps desk", NOBODY)
    assert kibana.asked[:3] == [
        "GET /api/status",
        "GET /api/spaces/space/nps%20desk",
        "POST /s/nps%20desk/api/saved_objects/_import?overwrite=true",
    ]
    assert all(asked.startswith("GET /s/nps%20desk/api/data_views/") for asked in kibana.asked[3:])
    assert len(kibana.stored("nps desk")) == 16
    assert kibana.stored() == {}
    assert f"{kibana.address}/s/nps%20desk/app/dashboards#/view/npswatch-dashboard-health" in done.dashboards.values()


def test_objects_that_another_space_holds_are_found_again_under_the_ids_kibana_gives(kibana: DocumentedKibana) -> None:
    kibana.spaces["nps"] = {}
    kibana.indices = {"npswatch-listing", "npswatch-observation", "npswatch-vendor", "npswatch-capture", "npswatch-run"}
    install(kibana.address, "default", NOBODY)
    first = install(kibana.address, "nps", NOBODY)
    assert install(kibana.address, "nps", NOBODY) == first
    assert first.empty_views == ()
    assert len(kibana.stored("nps")) == 16
    assert all("#/view/new-" in link for link in first.dashboards.values())


def test_a_base_path_stands_before_every_call(kibana: DocumentedKibana) -> None:
    kibana.base_path = "/kibana"
    install(f"{kibana.address}/kibana/", "default", NOBODY)
    assert all(asked.split()[1].startswith("/kibana/api/") for asked in kibana.asked)
    assert len(kibana.stored()) == 16


def test_a_user_or_an_api_key_signs_in(kibana: DocumentedKibana) -> None:
    kibana.users, kibana.api_keys = {"installer": "пароль: 7"}, {"VnVhQ2ZHY0=="}
    install(kibana.address, "default", Credentials(user="installer", password="пароль: 7"))
    install(kibana.address, "default", Credentials(api_key="VnVhQ2ZHY0=="))
    assert len(kibana.stored()) == 16


def test_a_version_told_only_to_who_may_ask_is_read_from_the_statistics(kibana: DocumentedKibana) -> None:
    kibana.tells_status_to_all = False
    assert install(kibana.address, "default", NOBODY).version == "9.2.4"
    assert kibana.asked[:2] == ["GET /api/status", "GET /api/stats"]


@pytest.mark.parametrize("tells_status_to_all", [True, False])
def test_without_a_user_a_secured_kibana_says_how_to_sign_in(
    kibana: DocumentedKibana, tells_status_to_all: bool
) -> None:
    kibana.users, kibana.tells_status_to_all = {"installer": "secret"}, tells_status_to_all
    with pytest.raises(KibanaRefused, match="does not let this user in"):
        install(kibana.address, "default", NOBODY)
    assert kibana.stored() == {}


def test_a_wrong_password_is_told_and_not_repeated(kibana: DocumentedKibana) -> None:
    kibana.users = {"installer": "secret"}
    with pytest.raises(KibanaRefused, match="check user and password") as told:
        install(kibana.address, "default", Credentials(user="installer", password="guess-1234"))
    assert "guess-1234" not in str(told.value)
    assert kibana.asked == ["GET /api/status"]


@pytest.mark.parametrize("space", ["default", "nps"])
def test_a_user_without_rights_is_told_which_ones_are_needed(kibana: DocumentedKibana, space: str) -> None:
    kibana.users, kibana.readers, kibana.spaces["nps"] = {"reader": "secret"}, {"reader"}, {}
    with pytest.raises(KibanaRefused, match=f"may not put objects into the space {space} .*all rights on saved"):
        install(kibana.address, space, Credentials(user="reader", password="secret"))


def test_a_space_that_is_not_there_is_named_before_anything_is_sent(kibana: DocumentedKibana) -> None:
    with pytest.raises(KibanaRefused, match="has no space elsewhere"):
        install(kibana.address, "elsewhere", NOBODY)
    assert not any(asked.startswith("POST") for asked in kibana.asked)


@pytest.mark.parametrize("version", ["8.19.3", "10.0.0", "7.17.0"])
def test_another_version_is_refused_before_anything_is_sent(kibana: DocumentedKibana, version: str) -> None:
    kibana.version = version
    with pytest.raises(KibanaRefused, match=f"is version {version}; the objects are for 9.x"):
        install(kibana.address, "default", NOBODY)
    assert kibana.asked == ["GET /api/status"]


def test_a_kibana_that_is_starting_is_not_taken_for_a_broken_one(kibana: DocumentedKibana) -> None:
    kibana.level = "unavailable"
    with pytest.raises(KibanaRefused, match=r"not ready \(unavailable\)"):
        install(kibana.address, "default", NOBODY)
    kibana.instead["/api/status"] = (503, {"Content-Type": "text/html"}, b"Kibana server is not ready yet.")
    with pytest.raises(KibanaRefused, match=r"not ready \(starting\)"):
        install(kibana.address, "default", NOBODY)


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>a wiki</html>"), (404, b"{}"), (200, b'{"tagline": "You Know, for Search"}'), (200, b"[" * 100_000)],
)
def test_something_else_that_answers_is_no_kibana(kibana: DocumentedKibana, status: int, body: bytes) -> None:
    kibana.instead["/api/status"] = (status, {}, body)
    with pytest.raises(KibanaRefused, match="is no Kibana"):
        install(kibana.address, "default", NOBODY)


def test_a_redirect_is_not_followed_with_the_password(kibana: DocumentedKibana) -> None:
    with documented_kibana() as elsewhere:
        kibana.instead["/api/status"] = (302, {"Location": f"{elsewhere.address}/api/status"}, b"")
        with pytest.raises(KibanaRefused, match="leads elsewhere"):
            install(kibana.address, "default", Credentials(user="installer", password="secret"))
        assert elsewhere.asked == []


def test_where_nothing_listens_no_kibana_answers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(KibanaRefused, match=f"no Kibana answers at http://127.0.0.1:{port}"):
        install(f"http://127.0.0.1:{port}", "default", NOBODY)


def test_objects_kibana_does_not_take_are_listed_with_its_reasons(kibana: DocumentedKibana) -> None:
    kibana.unwilling = {
        "npswatch-view-runs": {"type": "ambiguous_conflict", "destinations": []},
        "npswatch-dashboard-health": {
            "type": "missing_references", "references": [{"type": "index-pattern", "id": "npswatch-view-runs"}],
        },
        "npswatch-search-gates": {"type": "unknown", "message": "disk usage exceeded flood-stage", "statusCode": 500},
    }  # fmt: skip
    with pytest.raises(BadResult) as told:
        install(kibana.address, "default", NOBODY)
    assert str(told.value) == (
        "Kibana took 13 of 16 objects: index-pattern npswatch-view-runs: ambiguous_conflict; "
        "search npswatch-search-gates: unknown, disk usage exceeded flood-stage; "
        "dashboard npswatch-dashboard-health: missing_references, index-pattern npswatch-view-runs"
    )


def test_an_import_that_is_refused_as_a_whole_says_so(kibana: DocumentedKibana) -> None:
    refusal = b'{"statusCode":413,"error":"Request Entity Too Large","message":"Payload content length greater"}'
    kibana.instead["/api/saved_objects/_import?overwrite=true"] = (413, {}, refusal)
    with pytest.raises(KibanaRefused, match="refuses the import: 413 Payload content length greater"):
        install(kibana.address, "default", NOBODY)


def test_a_success_that_counts_too_few_is_none(kibana: DocumentedKibana) -> None:
    answer = b'{"success":true,"successCount":2,"warnings":[]}'
    kibana.instead["/api/saved_objects/_import?overwrite=true"] = (200, {}, answer)
    with pytest.raises(BadResult, match="took 2 of 16 objects: it does not say why"):
        install(kibana.address, "default", NOBODY)


@pytest.mark.parametrize(
    "address",
    [
        "kibana.example:5601",
        "ftp://kibana.example",
        "http://",
        "http://[::1",
        "http://k.example:99999",
        "http://k/?a=1",
    ],
)
def test_what_is_no_address_of_a_kibana_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="address of Kibana"):
        install(address, "default", NOBODY)


def test_no_password_stands_in_the_address_or_travels_in_clear_text() -> None:
    with pytest.raises(BadInput, match="no user or password in Kibana's address"):
        install("https://elastic:secret@kibana.example", "default", NOBODY)
    with pytest.raises(BadInput, match="in clear text: use https"):
        install("http://kibana.example:5601", "default", Credentials(user="installer", password="secret"))


def test_credentials_that_cannot_be_are_refused_without_being_shown() -> None:
    for wrong in ({"user": "a", "api_key": "b"}, {"user": "a"}, {"user": "a:b", "password": "c"}):
        with pytest.raises(BadInput):
            Credentials(**wrong)
    with pytest.raises(BadInput, match="API key") as told:
        Credentials(api_key="secret\nX-Header: 1")
    assert "secret" not in str(told.value)


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate for 127.0.0.1, and the file of its authority: itself."""
    return _self_signed(tmp_path)


def test_a_certificate_nobody_vouches_for_is_refused_and_its_own_authority_accepted(
    certified: tuple[ssl.SSLContext, Path],
) -> None:
    context, authority = certified
    with documented_kibana(tls=context) as kibana:
        with pytest.raises(KibanaRefused, match="certificate verify failed"):
            install(kibana.address, "default", NOBODY)
        assert install(kibana.address, "default", NOBODY, ca=authority).objects["dashboard"] == 3
    with pytest.raises(BadInput, match=r"certificate authority .* cannot be read"):
        install("https://127.0.0.1:1", "default", NOBODY, ca=authority.with_name("missing.pem"))


def _self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kibana of a test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    shown, hidden = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    hidden.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, hidden)
    return context, shown
