"""Programs of atheris, which steers random bytes by the coverage that they reach: `make fuzz`."""
