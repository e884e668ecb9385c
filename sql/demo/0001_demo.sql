-- The demo of Zava Retail: its generator, for development and tests. zava-mcp demo applies it.
-- depends: zava/0006
create schema retail_demo;
comment on schema retail_demo is 'The generator of the demo data; not in production.';
