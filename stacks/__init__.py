"""What we build: declarations read, and turned into Pulumi resources."""
