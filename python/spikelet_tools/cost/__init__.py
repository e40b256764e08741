"""The cost model: small networks, the counting of their instructions, and the fit of prices."""
