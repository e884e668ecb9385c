"""What a release publishes beside the package."""
