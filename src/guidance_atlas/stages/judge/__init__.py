"""Pushback, candor and verdicts."""
