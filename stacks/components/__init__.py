"""What an estate is built of: one component per file, each a Pulumi ComponentResource."""
