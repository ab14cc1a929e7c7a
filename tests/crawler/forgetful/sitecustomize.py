"""A crawl whose outbox forgets one capture: put on PYTHONPATH by the test of the account."""

from collections.abc import Sequence

from crawler.model.sighting import Document
from index.outbox import Outbox

_POST = Outbox.post
_forgotten: list[str] = []


def _forget(self: Outbox, documents: Sequence[Document]) -> None:
    captures = [each.id for each in documents if each.kind == "capture"]
    _forgotten.extend([] if _forgotten else captures[:1])
    _POST(self, [each for each in documents if each.id not in _forgotten])


Outbox.post = _forget  # type: ignore[method-assign]
