"""The account behind a public cloud, as its API shows it; in the lab simulated (moto)."""
