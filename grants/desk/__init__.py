"""Each person's start page, the public front, and the demonstration."""
