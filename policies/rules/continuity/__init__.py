"""Disaster recovery: GB/T 20988-2025 and the hospital's own tiers."""
