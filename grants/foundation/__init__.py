"""What every room uses. It takes the actor as a value and knows no person."""
