-- What the shim and the catalogue keep: settings, exposed schemas, hooks, tools and refusals.
create table mcp.settings (
    name text not null,
    value jsonb not null,
    description text not null,
    constraint settings_pkey primary key (name)
);
comment on table mcp.settings is 'Settings that the database itself obeys.';
comment on column mcp.settings.name is 'Key.';
comment on column mcp.settings.value is 'The value in force.';
comment on column mcp.settings.description is 'What it does, in which unit.';

insert into mcp.settings (name, value, description)
values
(
    'max_rows', '1000',
    'Rows that a set-returning tool may give; more are cut and "truncated" is true.'
),
(
    'default_timeout_ms', '30000',
    'Milliseconds that a tool may run unless its @tool timeout says otherwise.'
),
('instructions', '""', 'What a client is told about this server as a whole.');

create table mcp.exposed_schemas (
    schema name not null,
    constraint exposed_schemas_pkey primary key (schema)
);
comment on table mcp.exposed_schemas is 'Schemas whose functions are offered as tools.';
comment on column mcp.exposed_schemas.schema is 'Name of a schema.';

insert into mcp.exposed_schemas (schema) values ('api');

create table mcp.hooks (
    hook text not null,
    function regprocedure not null,
    constraint hooks_pkey primary key (hook),
    constraint hooks_hook_check check (
        hook in ('scope', 'pending_embeddings', 'store_embeddings', 'finish_embeddings')
    )
);
comment on table mcp.hooks is
'Functions by which the application answers questions of the core, so that the core names no '
'table of it.';
comment on column mcp.hooks.hook is
'The question; see mcp.register_hook for the signature each one has.';
comment on column mcp.hooks.function is 'The function that answers it.';

create type mcp.parameter as (
    name text,
    client_name text,
    type_name text,
    is_scalar boolean,
    is_required boolean,
    is_nullable boolean,
    dimensions integer,
    json_type text,
    requirement text,
    schema jsonb
);
comment on type mcp.parameter is 'An argument of a tool.';
comment on column mcp.parameter.name is 'Name in SQL.';
comment on column mcp.parameter.client_name is 'Name that the client uses.';
comment on column mcp.parameter.type_name is 'PostgreSQL type, qualified.';
comment on column mcp.parameter.is_scalar is 'Whether it is neither an array nor a composite.';
comment on column mcp.parameter.is_required is 'Whether it has no default.';
comment on column mcp.parameter.is_nullable is 'Whether null may be sent: its default is null.';
comment on column mcp.parameter.dimensions is
'Length of the vector that the shim makes from the client''s text; null for all others.';
comment on column mcp.parameter.json_type is 'JSON type that must be sent; null any.';
comment on column mcp.parameter.requirement is 'What it must be, to follow "must be".';
comment on column mcp.parameter.schema is 'JSON Schema of it.';

create table mcp.tools (
    name text not null,
    function regprocedure not null,
    title text not null,
    description text not null,
    parameters mcp.parameter[] not null,
    input_schema jsonb not null,
    output_schema jsonb,
    annotations jsonb not null,
    result_kind text not null,
    is_read_only boolean not null,
    timeout_ms integer not null,
    cache_seconds integer not null,
    embeds jsonb not null,
    constraint tools_pkey primary key (name),
    constraint tools_name_check check (name ~ '^[A-Za-z0-9_.-]{1,128}$'),
    constraint tools_result_kind_check check (result_kind in ('set', 'row', 'scalar', 'void')),
    constraint tools_timeout_ms_check check (timeout_ms between 1 and 60000),
    constraint tools_cache_seconds_check check (cache_seconds >= 0)
);
comment on table mcp.tools is
'The catalogue: one row a function that is a tool. Written by mcp.refresh_catalog alone.';
comment on column mcp.tools.name is 'What clients call it: the name of the function.';
comment on column mcp.tools.function is 'The function.';
comment on column mcp.tools.title is
'For people, from @tool title= or the first line of the comment.';
comment on column mcp.tools.description is 'For the model, from the comment.';
comment on column mcp.tools.parameters is 'Its arguments in order.';
comment on column mcp.tools.input_schema is 'JSON Schema 2020-12 of the arguments.';
comment on column mcp.tools.output_schema is 'JSON Schema 2020-12 of the result; null for void.';
comment on column mcp.tools.annotations is 'The MCP annotations, from volatility and tags.';
comment on column mcp.tools.result_kind is
'set, row, scalar or void: the form of the structured result.';
comment on column mcp.tools.is_read_only is
'Whether the function is not VOLATILE, so that it runs in a read-only transaction.';
comment on column mcp.tools.timeout_ms is 'Milliseconds it may run.';
comment on column mcp.tools.cache_seconds is
'Seconds for which an answer may be kept; 0 not at all.';
comment on column mcp.tools.embeds is
'For each text argument that is embedded: the vector parameter and its dimensions.';

create table mcp.catalog_refusal (
    function text not null,
    reason text not null,
    constraint catalog_refusal_pkey primary key (function, reason)
);
comment on table mcp.catalog_refusal is
'Functions in exposed schemas that are not offered, and why.';
comment on column mcp.catalog_refusal.function is 'The function with its argument types.';
comment on column mcp.catalog_refusal.reason is 'What to change.';

create table mcp.catalog_state (
    only_row boolean not null default true,
    is_stale boolean not null,
    digest text not null,
    refreshed_at timestamptz not null,
    constraint catalog_state_pkey primary key (only_row),
    constraint catalog_state_only_row_check check (only_row)
);
comment on table mcp.catalog_state is
'One row: whether the catalogue matches the functions, and its fingerprint.';
comment on column mcp.catalog_state.only_row is 'Always true.';
comment on column mcp.catalog_state.is_stale is 'Set by DDL, cleared by mcp.refresh_catalog.';
comment on column mcp.catalog_state.digest is
'SHA-256 of all that clients and the shim see, hexadecimal.';
comment on column mcp.catalog_state.refreshed_at is 'When the catalogue was last built.';

insert into mcp.catalog_state (is_stale, digest, refreshed_at) values (true, '', now());

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp to zava_auth;
alter table mcp.settings owner to zava_auth;
alter table mcp.exposed_schemas owner to zava_auth;
alter table mcp.hooks owner to zava_auth;
alter type mcp.parameter owner to zava_auth;
alter table mcp.tools owner to zava_auth;
alter table mcp.catalog_refusal owner to zava_auth;
alter table mcp.catalog_state owner to zava_auth;
revoke create on schema mcp from zava_auth;
