"""When each market is crawled, and what came of it: plans, the loop that keeps them, the history of runs."""
