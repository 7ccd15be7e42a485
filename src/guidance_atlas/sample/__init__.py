"""A world of invented people with planted truth."""
