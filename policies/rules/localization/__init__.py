"""信创: what may be bought and run, and where it fits."""
