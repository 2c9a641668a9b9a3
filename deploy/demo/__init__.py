"""The demo network: several real nodes on one machine, with the real inventory. `make run` starts it."""
