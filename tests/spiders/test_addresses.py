from __future__ import annotations

from urllib.parse import urljoin

from hypothesis import given
from hypothesis import strategies as st

from spiders.reader.urls import resolve

BASES = ("http://m.example/x/1", "http://m.example", "https://m.example/a?b#c", "HTTP://M.example/x")


@given(base=st.sampled_from(BASES), rest=st.text(alphabet="/ab?&=%+~-_1./;:", max_size=12))
def test_an_address_from_the_root_leads_where_joining_it_to_the_page_leads(base: str, rest: str) -> None:
    assert resolve(base, f"/p{rest}") == urljoin(base, f"/p{rest}")
