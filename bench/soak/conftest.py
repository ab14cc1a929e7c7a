"""The services and sites of the tests, for the long counts."""

from tests.conftest import elasticsearch_address, home, publish, pytest_configure, site, tor
from tests.fixtures.elasticsearch import new_elasticsearch_address

__all__ = ["elasticsearch_address", "home", "new_elasticsearch_address", "publish", "pytest_configure", "site", "tor"]
