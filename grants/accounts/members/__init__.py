"""The members of a group: what each is there, and how they leave it or hand it over."""
