"""Words people will want to change: lexicons and descriptions."""
