-- The rest of MCP, spoken by functions as tools are: content, resources, prompts, completions,
-- questions to the user.
create domain mcp.result as jsonb
constraint result_check check (
    jsonb_typeof(value) = 'array'
    and not jsonb_path_exists(value, 'strict $[*] ? (@.type() != "object")')
);
comment on domain mcp.result is
'What a tool answers when it says itself what the client gets: an array of content blocks, and of '
'marks that have no "type" (isError, structured, ask, kept). Made by the functions of schema tool, '
'combined by ||.';

create type mcp.prompt_message as (
    role text,
    content jsonb
);
comment on type mcp.prompt_message is 'One message of a prompt; tool.message makes it.';
comment on column mcp.prompt_message.role is 'user or assistant.';
comment on column mcp.prompt_message.content is 'One content block.';

-- functions of ours return these types; nothing else of mcp is granted to their owner
grant usage on schema mcp to zava_tools;

insert into mcp.settings (name, value, description)
values (
    'list_page_size', '100',
    'Tools, resources, resource templates or prompts in one page of their list.'
);

-- squawk-ignore ban-drop-constraint
alter table mcp.tools drop constraint tools_result_kind_check;
-- squawk-ignore constraint-missing-not-valid
alter table mcp.tools add constraint tools_result_kind_check check (
    result_kind in ('set', 'row', 'scalar', 'void', 'content')
);
comment on column mcp.tools.result_kind is
'set, row, scalar, void, or content: the form of the result.';
-- the catalogue is built anew at the end of every apply
alter table mcp.tools add column asks_first boolean;
comment on column mcp.tools.asks_first is
'Whether the user is asked before it runs: @tool destructive.';

-- what runs as a tool does is described as a tool is, so that mcp.run_tool runs it
create table mcp.resources (
    like mcp.tools including comments,
    uri text not null,
    pattern text not null,
    mime_type text not null,
    constraint resources_pkey primary key (name),
    constraint resources_uri_key unique (uri),
    constraint resources_is_read_only_check check (is_read_only)
);
comment on table mcp.resources is
'One row a function that is a resource. Written by mcp.refresh_catalog alone.';
comment on column mcp.resources.uri is
'Its address, or the template of it: each {variable} is an argument.';
comment on column mcp.resources.pattern is
'The regular expression of the addresses that it answers, one group a variable.';
comment on column mcp.resources.mime_type is 'MIME type of what it gives.';

create table mcp.prompts (
    like mcp.tools including comments,
    constraint prompts_pkey primary key (name),
    constraint prompts_is_read_only_check check (is_read_only)
);
comment on table mcp.prompts is
'One row a function that is a prompt. Written by mcp.refresh_catalog alone.';

create table mcp.completions (
    like mcp.tools including comments,
    completes text [] not null,
    constraint completions_pkey primary key (name),
    constraint completions_is_read_only_check check (is_read_only)
);
comment on table mcp.completions is
'One row a function that completes arguments. Written by mcp.refresh_catalog alone.';
comment on column mcp.completions.completes is
'What it completes: the name of a prompt or resource, a dot, and its argument.';

comment on column mcp.exposed_schemas.schema is
'Name of a schema whose functions are offered: tools, resources, prompts, completions.';
comment on table mcp.exposed_schemas is 'Schemas whose functions are offered.';
comment on table mcp.call_log is
'One row a call of a tool, a prompt or a resource. Written by mcp.log_call and mcp.record_calls, '
'changed by nobody; mcp.drop_call_log drops whole days.';
comment on column mcp.call_log.tool is
'The tool as the client named it, "prompt:" and the prompt, or the URI; cut to 200 characters.';

-- one purpose more than there are, whichever these are
do $$
declare
    v_check text := (
        select pg_get_constraintdef(c.oid)
        from pg_catalog.pg_constraint as c
        where c.conrelid = 'auth.signing_keys'::regclass and c.conname = 'signing_keys_purpose_check'
    );
begin
    alter table auth.signing_keys drop constraint signing_keys_purpose_check;
    execute 'alter table auth.signing_keys add constraint signing_keys_purpose_check '
        || replace(v_check, '[', '[''state''::text, ');
end
$$;

with secrets as materialized (
    select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) as secret
),

-- the key is filled up with zeros; byte xor pad, as (a or b) - (a and b)
bytes as (
    select
        n.position,
        case when n.position < 32 then get_byte(s.secret, n.position) else 0 end as key_byte
    from secrets as s
    cross join generate_series(0, 63) as n (position)
)

insert into auth.signing_keys (purpose, inner_key, outer_key)
select
    'state' as purpose,
    string_agg(
        set_byte('\x00', 0, (b.key_byte | 54) - (b.key_byte & 54)), ''::bytea
        order by b.position
    ) as inner_key,
    string_agg(
        set_byte('\x00', 0, (b.key_byte | 92) - (b.key_byte & 92)), ''::bytea
        order by b.position
    ) as outer_key
from bytes as b;

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp to zava_auth;
alter domain mcp.result owner to zava_auth;
alter type mcp.prompt_message owner to zava_auth;
alter table mcp.resources owner to zava_auth;
alter table mcp.prompts owner to zava_auth;
alter table mcp.completions owner to zava_auth;
revoke create on schema mcp from zava_auth;
