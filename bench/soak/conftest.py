"""The services and sites of the tests, for the long counts."""

from tests.conftest import elasticsearch_address, home, publish, pytest_configure, site, tor

__all__ = ["elasticsearch_address", "home", "publish", "pytest_configure", "site", "tor"]
