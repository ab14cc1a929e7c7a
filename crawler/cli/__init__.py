"""The command line: the one place where all rooms meet."""
