"""Trained spiking networks of snnTorch, SpikingJelly, Norse and sinabs, as ONNX for Spikelet.

A module a framework, each with `export(network, example, path, timesteps)`.
"""
