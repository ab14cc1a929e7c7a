"""A store by its address."""

from __future__ import annotations

from index.address import ElasticsearchAddress, parse_address
from index.store import Store


def open_store(address: str) -> Store:
    """The store at ``sqlite:////absolute/file.db`` or ``http(s)://[user:password@]host:port[/prefix]``.

    Raises BadInput for any other address and StoreUnavailable where it cannot be reached.
    """
    parsed = parse_address(address)
    if isinstance(parsed, ElasticsearchAddress):
        from index.elasticsearch import ElasticsearchStore

        return ElasticsearchStore(parsed)
    from index.sqlite import SqliteStore

    return SqliteStore(parsed)
