"""等保: multi-level protection, GB/T 22239-2019 at level 3."""
