"""Stories of orders: rows of steps that a whole stack plays, all of them at the same time."""
