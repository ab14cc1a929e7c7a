"""The official client, set up for one server and for no other connection."""

from __future__ import annotations

from typing import Any

import elasticsearch
from elastic_transport import NodeConfig, Urllib3HttpNode

from index.address import ElasticsearchAddress

_CONNECT_SECONDS = 4.0
_ANSWER_SECONDS = 60.0


class PatientNode(Urllib3HttpNode):
    """A node that is given up quickly when it cannot be reached, and slowly when it works."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        import urllib3

        self.pool.timeout = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS)


def client_of(address: ElasticsearchAddress) -> elasticsearch.Elasticsearch:
    """A client of that one server; makes no connection yet, never retries by itself."""
    options: dict[str, Any] = {"verify_certs": True} if address.scheme == "https" else {}
    if address.ca and options:
        options["ca_certs"] = str(address.ca)
    node = NodeConfig(
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        **options,
    )
    return elasticsearch.Elasticsearch(
        [node],
        node_class=PatientNode,
        basic_auth=(address.user, address.password or "") if address.user else None,
        max_retries=0,
        retry_on_status=(),
    )
