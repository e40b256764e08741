"""What is recorded in the repository: model digests and golden vectors."""
