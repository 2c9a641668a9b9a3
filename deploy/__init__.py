"""How a node is put together and shipped."""
