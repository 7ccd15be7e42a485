"""Attacks on the project itself: what who plants, subtracts, compares or solves learns beside a blind guess."""
