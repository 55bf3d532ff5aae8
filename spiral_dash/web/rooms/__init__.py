"""Rooms in the browser: their routes, their sockets, and what a page there says and is told."""
