"""Whole invented market sites with their truth, to develop and measure readers of market pages."""
