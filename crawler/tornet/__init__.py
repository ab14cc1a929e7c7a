"""A private Tor network on loopback: for the demo, for tests, for trying a profile."""
