"""What we keep true: level-based operators at every site, over the pure core."""
