"""Trials: somebody changes an installation's files, kills it, asks for what is not theirs."""
