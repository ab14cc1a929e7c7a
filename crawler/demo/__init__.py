"""Demo markets: three invented markets of different structure that the demo serves as onion services."""
