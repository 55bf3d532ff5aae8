"""Rooms: a run that its presenter shows to others. Knows sessions, and no web."""
