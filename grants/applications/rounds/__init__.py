"""The office's page of a round."""
