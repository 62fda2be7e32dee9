"""What groups ask to be changed of their grants."""
