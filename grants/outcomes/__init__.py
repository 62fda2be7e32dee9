"""What came of the money: totals as at a date, statements and announced figures."""
