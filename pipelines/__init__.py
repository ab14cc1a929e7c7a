"""What makes values of words, one step a file."""
