"""One grant's whole story on one page: from the first draft to the closed award, out of the facts of all rooms."""
