"""The Try colors page: the photo in hand, what is asked of it, the board of results, and what is kept of them."""
