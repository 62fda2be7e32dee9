"""Who stands too near to a grant, and which steps on one grant never meet in one person."""
