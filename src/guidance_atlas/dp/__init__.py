"""Releases with noise: differential privacy for a person, over everything that the root ever releases this way."""
