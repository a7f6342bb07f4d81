"""Components of our own: gallery, compare, caption editor, mask view, rating board, keys."""
