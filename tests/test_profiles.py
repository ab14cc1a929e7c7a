from __future__ import annotations

from pathlib import Path

import pytest

from config.profiles import MARKETS_FOLDER, SOFTWARE_FOLDER, read_profile, read_profiles, software_names
from crawler.model.errors import BadProfile

FAULTY = """
name = "Other"
kind = "bazaar"
pace = 0
entry_paths = ["login"]
software = "nobodys"
colour = "red"

[minimums]
listings = "many"
rooms = 3

[fill]
"listing.title" = 3
price = 0.5

[addresses]
"item/#" = "listing"
"/x" = "gate"

[selectors]
"listing.colour" = "b"
"vendor.name" = "b[["
"""
FAULTS = (
    "unknown key 'colour'",
    "name must be lower case",
    "kind must be one of",
    "pace must be",
    "entry_paths must begin with /",
    "software 'nobodys' has no file",
    "minimums.listings must be a whole number",
    "minimums.rooms is none of",
    "fill.listing.title must be a share",
    "fill.price names no field",
    "the shape 'item/#' must begin with /",
    "'/x' must lead to one of",
    "selector 'listing.colour' names no field",
    "selector 'vendor.name' is no CSS",
)


def test_every_fault_of_a_profile_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "birch.toml"
    path.write_text(FAULTY)
    with pytest.raises(BadProfile) as caught:
        read_profile(path)
    for fault in FAULTS:
        assert fault in str(caught.value)
    assert len(caught.value.faults) == len(FAULTS)


def test_the_faults_of_all_files_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "birch.toml").write_text('name = "oak"')
    (tmp_path / "elm.toml").write_text("name = ")
    (tmp_path / "fir.toml").write_text('name = "fir"')
    with pytest.raises(BadProfile) as caught:
        read_profiles(tmp_path)
    assert "birch: name 'oak' must be the file's name 'birch'" in str(caught.value)
    assert "elm.toml is no TOML" in str(caught.value)
    assert "fir" not in str(caught.value)


def test_the_folder_of_profiles_can_be_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fir.toml").write_text('name = "fir"\n[fill]\n"listing.title" = 0.9\n')
    monkeypatch.setenv("NPSWATCH_MARKETS", str(tmp_path))
    assert read_profiles()["fir"].fill == {"listing.title": 0.9}
    monkeypatch.delenv("NPSWATCH_MARKETS")
    assert set(read_profiles()) == {path.stem for path in MARKETS_FOLDER.glob("*.toml")}


def test_a_markets_selectors_stand_above_those_of_its_software(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bench.toml").write_text('[selectors]\n"listing.title" = "h1.t"\n"listing.vendor" = "a.v"\n')
    path = tmp_path / "fir.toml"
    path.write_text('name = "fir"\nsoftware = "bench"\n[selectors]\n"listing.title" = "h2"\n')
    monkeypatch.setattr("config.profiles.SOFTWARE_FOLDER", tmp_path)
    assert read_profile(path).selectors == {"listing.title": "h2", "listing.vendor": "a.v"}


def test_every_profile_of_the_checkout_is_without_fault(tmp_path: Path) -> None:
    assert read_profiles()
    for name in software_names():
        path = tmp_path / "any.toml"
        path.write_text(f'name = "any"\nsoftware = "{name}"\n')
        assert read_profile(path).selectors, SOFTWARE_FOLDER / name


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('signed_in = "a["', "signed_in is no CSS"),
        ("signed_in = 3", "signed_in must be a CSS selector"),
        ('patience = "5m"', "patience must be whole seconds from 0 on"),
        ("patience = -1", "patience must be whole seconds from 0 on"),
    ],
)
def test_what_a_profile_says_for_the_desk_is_checked(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "harbour.toml").write_text(f'name = "harbour"\n{line}\n')
    with pytest.raises(BadProfile, match=fault):
        read_profile(tmp_path / "harbour.toml")
