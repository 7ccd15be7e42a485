"""Accounts that say the same at the same time are counted as one person."""
