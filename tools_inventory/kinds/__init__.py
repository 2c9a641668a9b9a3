"""The kinds of the domain, each defined once. `fields.py` holds the fields that several share."""
