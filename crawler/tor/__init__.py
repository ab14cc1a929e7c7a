"""Tor as we use it: our own client or one that is there already. The only rooms that import stem are here."""
