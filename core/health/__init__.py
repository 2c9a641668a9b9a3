"""How this node is, for machines that watch it: /healthz (alive), /readyz (able to serve), /metrics (numbers)."""
