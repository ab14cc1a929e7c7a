"""How pages are kept and proved: capture, custody, verification."""
