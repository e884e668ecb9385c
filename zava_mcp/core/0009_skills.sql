-- Skills: instructions for an assistant, by the extension io.modelcontextprotocol/skills.
create table mcp_catalog.skills (
    name text not null,
    function regprocedure not null,
    title text not null,
    description text not null,
    named regprocedure [] not null,
    content text not null,
    digest text not null,
    size integer not null,
    constraint skills_pkey primary key (name),
    constraint skills_name_check check (
        name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(name) <= 64
    )
);
comment on table mcp_catalog.skills is
'One row a function that is a skill. Written by mcp_catalog.refresh_catalog alone.';
comment on column mcp_catalog.skills.name is
'What clients call it: the name of the function, with hyphens.';
comment on column mcp_catalog.skills.function is 'The function that returns its text.';
comment on column mcp_catalog.skills.title is
'For people, from @skill title= or the first line of the comment.';
comment on column mcp_catalog.skills.description is
'When to use it, from the comment, at most 1024 characters.';
comment on column mcp_catalog.skills.named is
'Functions of exposed schemas that its text names: it is for those who may execute them all.';
comment on column mcp_catalog.skills.content is 'Its SKILL.md: front matter and text.';
comment on column mcp_catalog.skills.digest is
'SHA-256 of the content in UTF-8: sha256: and hexadecimal digits.';
comment on column mcp_catalog.skills.size is 'Bytes of the content in UTF-8.';

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp_catalog to mcp_core;
alter table mcp_catalog.skills owner to mcp_core;
revoke create on schema mcp_catalog from mcp_core;
