"""What we refuse: rules, one file each, judged at preview and in audit by the same functions."""
