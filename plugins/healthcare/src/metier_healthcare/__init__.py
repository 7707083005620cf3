"""Health information for metier: red flags first, sourced advice, no diagnosis."""
