"""How pages are read: markup in, raw words with their source out."""
