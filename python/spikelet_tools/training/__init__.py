"""Training recipes, and judges of networks that share no code with the engine."""
