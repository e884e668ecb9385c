-- Mirrors 0001 backwards. The data stay.
drop schema retail_demo;
