"""Labelling by hand: draw an organisation's own conversations, read the labels back, hold the heads against them."""
