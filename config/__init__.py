"""Scrapy wiring, the operator's settings, market profiles and vocabularies."""
