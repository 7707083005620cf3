"""Writing help for metier: suggestions with reasons, in the writer's own style."""
