-- The vocabulary: words of the people who ask, what they mean, and where the answer is.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid -- hooks has six rows
create type mcp_tool.term as (
    word text,
    meaning text,
    subject text,
    query text
);
comment on type mcp_tool.term is 'A word of the people who ask, as the hook terms gives it.';
comment on column mcp_tool.term.word is 'The word or words, 1 to 100 characters.';
comment on column mcp_tool.term.meaning is 'What it means here: unit, what counts, what does not.';
comment on column mcp_tool.term.subject is
'The table that free queries read, with its schema, or the tool that has the answer.';
comment on column mcp_tool.term.query is
'A SELECT that answers it, which ran when the catalogue was built; null none.';

create table mcp_catalog.terms (
    word text not null,
    meaning text not null,
    subject text not null,
    relation regclass,
    query text,
    constraint terms_pkey primary key (word, subject)
);
comment on table mcp_catalog.terms is
'The vocabulary of the application. Written by mcp_catalog.refresh_terms alone.';
comment on column mcp_catalog.terms.word is 'The word or words.';
comment on column mcp_catalog.terms.meaning is 'What it means here.';
comment on column mcp_catalog.terms.subject is 'The table or tool that has the answer.';
comment on column mcp_catalog.terms.relation is 'The table or view; null where it is a tool.';
comment on column mcp_catalog.terms.query is 'A SELECT that answers it; null none.';

alter type mcp_tool.table_schema add attribute terms mcp_tool.term [];
comment on column mcp_tool.table_schema.terms is
'Words of people about this table, and a SELECT for each that is known to run.';

alter table mcp_catalog.hooks
drop constraint hooks_hook_check,
add constraint hooks_hook_check check (
    hook in (
        'scope', 'pending_embeddings', 'store_embeddings', 'finish_embeddings', 'maintain',
        'terms'
    )
);

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp_catalog to mcp_core;
grant create on schema mcp_tool to mcp_core;
alter type mcp_tool.term owner to mcp_core;
alter table mcp_catalog.terms owner to mcp_core;
revoke create on schema mcp_catalog from mcp_core;
revoke create on schema mcp_tool from mcp_core;
