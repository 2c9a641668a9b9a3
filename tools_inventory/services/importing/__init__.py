"""Bringing an inventory in from files: lines (`lines.py`), a row's meaning (`rows.py`), the whole (`inventory.py`)."""
