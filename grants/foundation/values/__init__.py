"""Plain values that need no database: money, days, the clock, words, colours and settings."""
