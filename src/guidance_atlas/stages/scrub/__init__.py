"""Masking what is private."""
