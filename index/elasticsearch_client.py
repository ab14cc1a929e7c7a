"""The official client, set up for a server whose name was looked up once, and for no other connection."""

from __future__ import annotations

from typing import Any

import elasticsearch
from elastic_transport import NodeConfig, Urllib3HttpNode

from index.address import ElasticsearchAddress, bracketed

_CONNECT_SECONDS = 4.0
_ANSWER_SECONDS = 60.0
_NAME = "npswatch_name"


class NamedNode(Urllib3HttpNode):
    """A node reached by its IP that is asked for, and must prove, the name it was looked up by."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        import urllib3

        self.pool.timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS)
        name = config._extras.get(_NAME)
        if name and isinstance(self.pool, urllib3.HTTPSConnectionPool):
            self.pool.conn_kw["server_hostname"] = name
            self.pool.assert_hostname = name


def client_of(address: ElasticsearchAddress) -> elasticsearch.Elasticsearch:
    """A client of that one server; makes no connection yet, never retries by itself."""
    headers = {"host": f"{bracketed(address.name)}:{address.port}"} if address.name else {}
    options: dict[str, Any] = {"verify_certs": True} if address.scheme == "https" else {}
    if address.ca and options:
        options["ca_certs"] = str(address.ca)
    node = NodeConfig(
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        headers=headers,
        _extras={_NAME: address.name},
        **options,
    )
    return elasticsearch.Elasticsearch(
        [node],
        node_class=NamedNode,
        basic_auth=(address.user, address.password or "") if address.user else None,
        max_retries=0,
        retry_on_status=(),
    )
