"""What finance reads and takes away."""
