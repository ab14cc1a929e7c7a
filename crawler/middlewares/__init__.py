"""What each request and response passes on its way."""
