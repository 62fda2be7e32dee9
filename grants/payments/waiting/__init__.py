"""The start page of the room, and what waits in it."""
