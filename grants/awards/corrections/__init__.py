"""What turns out to be otherwise, as dated entries beside what was written."""
