"""The same files on a cluster of Citus: their form, their order, and what each node needs."""
