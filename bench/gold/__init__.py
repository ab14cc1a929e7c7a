"""Titles with what they should be understood as, and the tool that scores `npswatch label` against them."""
