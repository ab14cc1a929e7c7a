"""What is still to be fetched: kept on disk, so that a run that was killed goes on where it stopped."""
