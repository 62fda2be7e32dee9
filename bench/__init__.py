"""How fast the main pages are, held against a bare Flask page in the same run. `make bench`."""
