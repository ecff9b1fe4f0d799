"""Every transition of the lifecycles, told by stories that one stack plays at the same time."""
