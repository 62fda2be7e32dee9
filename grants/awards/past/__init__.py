"""Awards from before this system."""
