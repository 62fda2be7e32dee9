"""The verbs of the room: of bank details, of batches, and of what finance's files say was paid."""
