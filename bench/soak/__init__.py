"""The long counts: `make soak`."""
