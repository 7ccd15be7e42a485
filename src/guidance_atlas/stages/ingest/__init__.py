"""Reading chat logs of any vendor into records."""
