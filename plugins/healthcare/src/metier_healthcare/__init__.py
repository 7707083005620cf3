"""Health information: red flags first, sourced advice, never a diagnosis."""
