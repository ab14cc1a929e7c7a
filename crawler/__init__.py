"""How pages are reached: Tor, identities, guard, gates, frontier, schedule, command line."""
