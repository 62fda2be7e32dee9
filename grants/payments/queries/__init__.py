"""Named reads of the room: bank details, batches and return files, and what finance exports."""
