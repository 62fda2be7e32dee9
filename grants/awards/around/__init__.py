"""Who is around an award: its groups, who has an interest in it, and who did which step on it."""
