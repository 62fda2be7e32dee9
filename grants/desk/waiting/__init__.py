"""What waits for a person: sentences with a link, oldest first. All of it is one query, whatever the person is."""
