"""The stages: plain functions over frames. A stage's signature is its contract."""
