"""The investigators' page: search, listings, vendors, substances and runs in a browser, on loopback only."""
