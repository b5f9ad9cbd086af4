"""What is true: the nouns of a hospital estate and every decision about them.

Pure Python over plain values: no I/O, no clock, no randomness, no SDK. What is
decided here can be enumerated in milliseconds; what is done about it lives in
``providers``.
"""
