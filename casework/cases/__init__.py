"""Case files: what officers gather, every act chained to the one before, exported so that a stranger can verify it."""
