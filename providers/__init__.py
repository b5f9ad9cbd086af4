"""How it is done: one adapter per world, each behind a port, each raising only ``hospital.errors``."""
