"""What happened to one award, as the public reads it: what the ledger says of it, line by line."""
