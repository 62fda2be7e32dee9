"""Lists and documents as files, read and written."""
