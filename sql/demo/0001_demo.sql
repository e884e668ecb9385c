-- The demo of Zava Retail: its generator, for development and tests. zava-mcp demo applies it.
-- depends: zava/0006
create schema retail_demo;
comment on schema retail_demo is 'The generator of the demo data; not in production.';

insert into mcp_migrate.given_back (role, privilege, kind, object, reason)
values (
    'zava_owner', 'execute', 'function', 'lpad(text,integer,text)',
    'digits of the demo''s telephone numbers'
);
