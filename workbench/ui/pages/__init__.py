"""One task a page; pages know services and components, never each other."""
