"""Data of known geometry: generators, the split, the embedding, and their measures."""
