def wave() -> None:
    """x"""
