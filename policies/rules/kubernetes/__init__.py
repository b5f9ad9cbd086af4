"""What a Kubernetes object may ask for: the hardening that 等保 and 密评 clauses imply."""
