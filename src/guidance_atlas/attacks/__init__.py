"""Attacks on the project itself: what somebody learns who plants, subtracts, compares or solves, beside a blind guess."""
