"""How well metier knows a person: hand-written cases, and preferences stated long ago."""
