"""Health data: where it may be and who may see it."""
