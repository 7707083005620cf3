"""The test kit for authors of metier plugins."""
