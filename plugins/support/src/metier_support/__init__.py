"""Customer service for metier: policy answers and confirmed actions."""
