"""Measured figures: each file prints its own, `make bench` prints all."""
