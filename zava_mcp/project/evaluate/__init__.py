"""``zava-mcp eval``: whether people's own words find the right tool, by what a client is given."""
