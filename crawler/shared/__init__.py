"""A market's state where many machines find it: leased by one worker at a time, taken over when that one dies."""
