"""What serving is measured with: a model server that costs little, a metier, and a load."""
