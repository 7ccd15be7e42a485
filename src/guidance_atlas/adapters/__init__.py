"""One outside library each, imported only when asked for."""
