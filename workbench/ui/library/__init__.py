"""The Library page: importing and what is done to many images at once."""
