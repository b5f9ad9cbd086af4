"""How it is done: one adapter per world, behind a port, raising only ``hospital.errors``."""
