"""密评: use of cryptography, GB/T 39786-2021 at level 3."""
