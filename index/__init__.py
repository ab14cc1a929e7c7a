"""Where items are kept and found: one contract, two homes."""
