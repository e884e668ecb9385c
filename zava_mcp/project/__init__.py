"""Commands that write into a project, or run it."""
