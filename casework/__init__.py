"""What investigators do: search, page, cases, exports."""
