"""A small convolutional network a framework, with how it is trained, scored and exported.

Each module has `TIMESTEPS`, `network()`, `scores(network, pictures)`, which is what the framework
classifies by, and `export_to(network, path)`.
"""
