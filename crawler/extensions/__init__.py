"""What accompanies a run: the closed guard, the run record."""
