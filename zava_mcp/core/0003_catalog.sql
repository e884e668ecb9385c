-- What the shim and the catalogue keep: settings, exposed schemas, hooks; the types that tools
-- speak; tools, resources, prompts and completions, and what was refused.
create table mcp_catalog.settings (
    name text not null,
    value jsonb not null,
    description text not null,
    constraint settings_pkey primary key (name)
);
comment on table mcp_catalog.settings is 'Settings that the database itself obeys.';
comment on column mcp_catalog.settings.name is 'Key.';
comment on column mcp_catalog.settings.value is 'The value in force.';
comment on column mcp_catalog.settings.description is 'What it does, in which unit.';

insert into mcp_catalog.settings (name, value, description)
values
(
    'max_rows', '1000',
    'Rows that a set-returning tool may give; more are cut and "truncated" is true.'
),
(
    'max_answer_bytes', '1000000',
    'Bytes of an answer as it travels, rows twice; rows beyond are cut, all else is an error.'
),
(
    'default_timeout_ms', '30000',
    'Milliseconds that a tool may run unless its @tool timeout says otherwise.'
),
(
    'list_page_size', '100',
    'Tools, resources, resource templates or prompts in one page of their list.'
),
('instructions', '""', 'What a client is told about this server as a whole.'),
(
    'default_groups', '[]',
    'Groups of tools that a client gets at /mcp, which names none; where there is none, all tools.'
),
(
    'search_above', '0',
    'Tools that an audience may have until default_groups holds for it; fewer are given all.'
),
(
    'kept_claims', '[]',
    'Claims of an access token that the request context keeps, by name, for mcp_auth.claim.'
),
(
    'jwt_claims', 'false',
    'Whether request.jwt.claims has the claims of the caller while a call runs, for policies that '
    'were written for PostgREST.'
);

create table mcp_catalog.exposed_schemas (
    schema name not null,
    constraint exposed_schemas_pkey primary key (schema)
);
comment on table mcp_catalog.exposed_schemas is 'Schemas whose functions are offered.';
comment on column mcp_catalog.exposed_schemas.schema is
'Name of a schema whose functions are offered: tools, resources, prompts, completions.';

create table mcp_catalog.hooks (
    hook text not null,
    function regprocedure not null,
    constraint hooks_pkey primary key (hook),
    constraint hooks_hook_check check (
        hook in (
            'scope', 'pending_embeddings', 'store_embeddings', 'finish_embeddings', 'maintain'
        )
    )
);
comment on table mcp_catalog.hooks is
'Functions by which the application answers questions of the core, so that the core names no '
'table of it.';
comment on column mcp_catalog.hooks.hook is
'The question; see mcp_catalog.register_hook for the signature each one has.';
comment on column mcp_catalog.hooks.function is 'The function that answers it.';

create domain mcp_tool.result as jsonb
constraint result_check check (
    jsonb_typeof(value) = 'array'
    and not jsonb_path_exists(value, 'strict $[*] ? (@.type() != "object")')
);
comment on domain mcp_tool.result is
'What a tool answers when it says itself what the client gets: an array of content blocks, and of '
'marks that have no "type" (isError, structured, ask, kept). Made by the functions of schema '
'mcp_tool, combined by ||.';

create type mcp_tool.prompt_message as (
    role text,
    content jsonb
);
comment on type mcp_tool.prompt_message is 'One message of a prompt; mcp_tool.message makes it.';
comment on column mcp_tool.prompt_message.role is 'user or assistant.';
comment on column mcp_tool.prompt_message.content is 'One content block.';

create domain mcp_tool.page_size as integer
constraint page_size_check check (value between 1 and 1000);
comment on domain mcp_tool.page_size is
'A number from 1 to 1000.
@schema {"minimum": 1, "maximum": 1000}';

create domain mcp_tool.cursor as jsonb;
comment on domain mcp_tool.cursor is
'The next_cursor of this tool, asked with the same other arguments.
@schema {"type": "string"}';

create domain mcp_tool.row_limit as integer
constraint row_limit_check check (value between 1 and 1000);
comment on domain mcp_tool.row_limit is
'A number from 1 to 1000.
@schema {"minimum": 1, "maximum": 1000}';

create domain mcp_tool.query_text as text
constraint query_text_check check (value ~ '\S' and octet_length(value) <= 10000);
comment on domain mcp_tool.query_text is
'One SQL query of at most 10000 bytes.
@schema {"minLength": 1, "maxLength": 10000}';

create domain mcp_tool.idempotency_key as text
constraint idempotency_key_check check (value ~ '^[!-~]{1,100}$');
comment on domain mcp_tool.idempotency_key is
'A key of 1 to 100 visible ASCII characters.
@schema {"minLength": 1, "maxLength": 100, "pattern": "^[!-~]*$"}';

create type mcp_tool.query_result as (
    columns text[],
    rows jsonb,
    row_count integer,
    truncated boolean
);
comment on type mcp_tool.query_result is 'Answer of a free query.';
comment on column mcp_tool.query_result.columns is 'Column names in order, duplicates kept.';
comment on column mcp_tool.query_result.rows is
'Rows, each an array of values in the order of the columns.';
comment on column mcp_tool.query_result.row_count is 'Rows given.';
comment on column mcp_tool.query_result.truncated is
'True when there were more rows than max_rows or than an answer holds: aggregate, or narrow.';

create type mcp_tool.table_column as (
    name text,
    type text,
    nullable boolean,
    description text
);
comment on type mcp_tool.table_column is 'A column of a table.';
comment on column mcp_tool.table_column.name is 'Name.';
comment on column mcp_tool.table_column.type is 'PostgreSQL type.';
comment on column mcp_tool.table_column.nullable is 'Whether it may be null.';
comment on column mcp_tool.table_column.description is 'Meaning and unit.';

create type mcp_tool.table_schema as (
    table_name text,
    description text,
    columns mcp_tool.table_column[],
    primary_key text[],
    joins text[],
    valid_values jsonb
);
comment on type mcp_tool.table_schema is 'A table as a query writer needs it.';
comment on column mcp_tool.table_schema.table_name is 'Name with its schema.';
comment on column mcp_tool.table_schema.description is 'What one row is.';
comment on column mcp_tool.table_schema.columns is 'Columns in order.';
comment on column mcp_tool.table_schema.primary_key is 'Columns of the primary key.';
comment on column mcp_tool.table_schema.joins is
'Join conditions along the foreign keys, in both directions.';
comment on column mcp_tool.table_schema.valid_values is 'For some columns, the values that occur.';

create type mcp_tool.table_schemas as (
    tables mcp_tool.table_schema[],
    unknown_names text[],
    valid_names text[]
);
comment on type mcp_tool.table_schemas is 'Answer of mcp_tool.table_schemas.';
comment on column mcp_tool.table_schemas.tables is 'The tables asked for.';
comment on column mcp_tool.table_schemas.unknown_names is
'Names asked for that are no table you may read.';
comment on column mcp_tool.table_schemas.valid_names is
'All tables you may read, when a name was unknown.';

create type mcp_catalog.parameter as (
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
comment on type mcp_catalog.parameter is 'An argument of a tool.';
comment on column mcp_catalog.parameter.name is 'Name in SQL.';
comment on column mcp_catalog.parameter.client_name is 'Name that the client uses.';
comment on column mcp_catalog.parameter.type_name is 'PostgreSQL type, qualified.';
comment on column mcp_catalog.parameter.is_scalar is
'Whether it is neither an array nor a composite.';
comment on column mcp_catalog.parameter.is_required is 'Whether it has no default.';
comment on column mcp_catalog.parameter.is_nullable is
'Whether null may be sent: its default is null.';
comment on column mcp_catalog.parameter.dimensions is
'Length of the vector that the shim makes from the client''s text; null for all others.';
comment on column mcp_catalog.parameter.json_type is 'JSON type that must be sent; null any.';
comment on column mcp_catalog.parameter.requirement is 'What it must be, to follow "must be".';
comment on column mcp_catalog.parameter.schema is 'JSON Schema of it.';

create table mcp_catalog.tools (
    name text not null,
    function regprocedure not null,
    title text not null,
    description text not null,
    parameters mcp_catalog.parameter[] not null,
    input_schema jsonb not null,
    output_schema jsonb,
    annotations jsonb not null,
    result_kind text not null,
    is_read_only boolean not null,
    timeout_ms integer not null,
    cache_seconds integer not null,
    embeds jsonb not null,
    page_key text [],
    has_columns boolean not null,
    call_text text not null,
    call_template text not null,
    asks_first boolean not null,
    picture jsonb,
    definition jsonb not null,
    groups text [] not null,
    constraint tools_pkey primary key (name),
    constraint tools_name_check check (name ~ '^[A-Za-z0-9_.-]{1,128}$'),
    constraint tools_result_kind_check check (
        result_kind in ('set', 'row', 'scalar', 'void', 'content')
    ),
    constraint tools_timeout_ms_check check (timeout_ms between 1 and 60000),
    constraint tools_cache_seconds_check check (cache_seconds >= 0)
);
comment on table mcp_catalog.tools is
'The catalogue: one row a function that is a tool. Written by mcp_catalog.refresh_catalog alone.';
comment on column mcp_catalog.tools.name is 'What clients call it: the name of the function.';
comment on column mcp_catalog.tools.function is 'The function.';
comment on column mcp_catalog.tools.title is
'For people, from @tool title= or the first line of the comment.';
comment on column mcp_catalog.tools.description is 'For the model, from the comment.';
comment on column mcp_catalog.tools.parameters is 'Its arguments in order.';
comment on column mcp_catalog.tools.input_schema is 'JSON Schema 2020-12 of the arguments.';
comment on column mcp_catalog.tools.output_schema is
'JSON Schema 2020-12 of the result; null for void.';
comment on column mcp_catalog.tools.annotations is 'The MCP annotations, from volatility and tags.';
comment on column mcp_catalog.tools.result_kind is
'set, row, scalar, void, or content: the form of the result.';
comment on column mcp_catalog.tools.is_read_only is
'Whether the function is not VOLATILE, so that it runs in a read-only transaction.';
comment on column mcp_catalog.tools.timeout_ms is 'Milliseconds it may run.';
comment on column mcp_catalog.tools.cache_seconds is
'Seconds for which an answer may be kept; 0 not at all.';
comment on column mcp_catalog.tools.embeds is
'For each text argument that is embedded: the vector parameter and its dimensions.';
comment on column mcp_catalog.tools.page_key is
'Columns of the result by which its pages follow one another; null when it gives no pages.';
comment on column mcp_catalog.tools.has_columns is 'Whether a row of the result has named columns.';
comment on column mcp_catalog.tools.call_text is
'The statement that calls it without arguments, as mcp_catalog.call_statement gives it.';
comment on column mcp_catalog.tools.call_template is
'The same with arguments, as a format: %1$s their columns, %2$s how they are passed.';
comment on column mcp_catalog.tools.asks_first is
'Whether the user is asked before it runs: @tool destructive.';
comment on column mcp_catalog.tools.picture is
'How people see its result, as mcp_catalog.picture gives it; null as nothing but text.';
comment on column mcp_catalog.tools.definition is
'What tools/list gives of it: name, title, description, annotations and brief schemas.';
comment on column mcp_catalog.tools.groups is
'Groups that it belongs to, from @tool group=; a client at /mcp/{group} gets that group alone.';

create table mcp_catalog.tool_words (
    word text not null,
    tool text not null,
    weight double precision not null,
    constraint tool_words_pkey primary key (word, tool)
);
comment on table mcp_catalog.tool_words is
'The words of each tool, by which it is found. Written by mcp_catalog.refresh_catalog alone.';
comment on column mcp_catalog.tool_words.word is 'A word, stemmed.';
comment on column mcp_catalog.tool_words.tool is 'Name of the tool.';
comment on column mcp_catalog.tool_words.weight is
'How much it says of the tool: BM25 without the part that depends on who asks.';

-- what runs as a tool does is described as a tool is, so that mcp_catalog.run_tool runs it
create table mcp_catalog.resources (
    like mcp_catalog.tools including comments,
    uri text not null,
    pattern text not null,
    mime_type text not null,
    constraint resources_pkey primary key (name),
    constraint resources_uri_key unique (uri),
    constraint resources_is_read_only_check check (is_read_only)
);
comment on table mcp_catalog.resources is
'One row a function that is a resource. Written by mcp_catalog.refresh_catalog alone.';
comment on column mcp_catalog.resources.uri is
'Its address, or the template of it: each {variable} is an argument.';
comment on column mcp_catalog.resources.pattern is
'The regular expression of the addresses that it answers, one group a variable.';
comment on column mcp_catalog.resources.mime_type is 'MIME type of what it gives.';

create table mcp_catalog.prompts (
    like mcp_catalog.tools including comments,
    constraint prompts_pkey primary key (name),
    constraint prompts_is_read_only_check check (is_read_only)
);
comment on table mcp_catalog.prompts is
'One row a function that is a prompt. Written by mcp_catalog.refresh_catalog alone.';

create table mcp_catalog.completions (
    like mcp_catalog.tools including comments,
    completes text [] not null,
    constraint completions_pkey primary key (name),
    constraint completions_is_read_only_check check (is_read_only)
);
comment on table mcp_catalog.completions is
'One row a function that completes arguments. Written by mcp_catalog.refresh_catalog alone.';
comment on column mcp_catalog.completions.completes is
'What it completes: the name of a prompt or resource, a dot, and its argument.';

create table mcp_catalog.catalog_refusal (
    function text not null,
    reason text not null,
    constraint catalog_refusal_pkey primary key (function, reason)
);
comment on table mcp_catalog.catalog_refusal is
'Functions in exposed schemas that are not offered, and why.';
comment on column mcp_catalog.catalog_refusal.function is 'The function with its argument types.';
comment on column mcp_catalog.catalog_refusal.reason is 'What to change.';

create table mcp_catalog.catalog_state (
    only_row boolean not null default true,
    is_stale boolean not null,
    digest text not null,
    refreshed_at timestamptz not null,
    constraint catalog_state_pkey primary key (only_row),
    constraint catalog_state_only_row_check check (only_row)
);
comment on table mcp_catalog.catalog_state is
'One row: whether the catalogue matches the functions, and its fingerprint.';
comment on column mcp_catalog.catalog_state.only_row is 'Always true.';
comment on column mcp_catalog.catalog_state.is_stale is
'Set by DDL, cleared by mcp_catalog.refresh_catalog.';
comment on column mcp_catalog.catalog_state.digest is
'SHA-256 of all that clients and the shim see, hexadecimal.';
comment on column mcp_catalog.catalog_state.refreshed_at is 'When the catalogue was last built.';

insert into mcp_catalog.catalog_state (is_stale, digest, refreshed_at) values (true, '', now());

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp_catalog to mcp_core;
grant create on schema mcp_tool to mcp_core;
alter table mcp_catalog.settings owner to mcp_core;
alter table mcp_catalog.exposed_schemas owner to mcp_core;
alter table mcp_catalog.hooks owner to mcp_core;
alter domain mcp_tool.result owner to mcp_core;
alter type mcp_tool.prompt_message owner to mcp_core;
alter domain mcp_tool.page_size owner to mcp_core;
alter domain mcp_tool.cursor owner to mcp_core;
alter domain mcp_tool.row_limit owner to mcp_core;
alter domain mcp_tool.query_text owner to mcp_core;
alter domain mcp_tool.idempotency_key owner to mcp_core;
alter type mcp_tool.query_result owner to mcp_core;
alter type mcp_tool.table_column owner to mcp_core;
alter type mcp_tool.table_schema owner to mcp_core;
alter type mcp_tool.table_schemas owner to mcp_core;
alter type mcp_catalog.parameter owner to mcp_core;
alter table mcp_catalog.tools owner to mcp_core;
alter table mcp_catalog.tool_words owner to mcp_core;
alter table mcp_catalog.resources owner to mcp_core;
alter table mcp_catalog.prompts owner to mcp_core;
alter table mcp_catalog.completions owner to mcp_core;
alter table mcp_catalog.catalog_refusal owner to mcp_core;
alter table mcp_catalog.catalog_state owner to mcp_core;
revoke create on schema mcp_catalog from mcp_core;
revoke create on schema mcp_tool from mcp_core;
