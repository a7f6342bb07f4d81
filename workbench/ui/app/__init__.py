"""The app around the pages: navigation, context, access, password, the server and the routes of media."""
