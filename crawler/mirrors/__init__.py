"""A market's addresses: which are accepted, by whom, and which one lives."""
