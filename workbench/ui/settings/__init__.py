"""The Settings page: the vision-language model that may be asked for captions, and who may do what."""
