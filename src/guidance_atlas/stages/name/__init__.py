"""Naming clusters by the terms that set them apart."""
