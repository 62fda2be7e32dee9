"""Mutation tests: small mistakes are put into the code one by one, and a test has to notice each. `make mutants`."""
