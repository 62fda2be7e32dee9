"""What is kept: the database, the audit trail, mail, files, who did it, and how things move from state to state."""
