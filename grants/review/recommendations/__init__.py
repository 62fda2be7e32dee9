"""What is recommended to the decision maker."""
