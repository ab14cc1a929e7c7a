"""What waits for a person: gates that stand before markets, and the sessions an officer brings."""
