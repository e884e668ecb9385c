-- What tools mean: the passages of their descriptions, and vectors of these, by which
-- mcp_tool.search_tools finds a tool whose words are others.
create domain mcp_tool.embedding as real [];
comment on domain mcp_tool.embedding is
'A vector of 1536 numbers; shorter models are padded with zeros.
@schema {"minItems": 1536, "maxItems": 1536}';

create table mcp_catalog.tool_passages (
    tool text not null,
    position integer not null,
    passage text not null,
    digest bytea not null,
    constraint tool_passages_pkey primary key (tool, position)
);
comment on table mcp_catalog.tool_passages is
'The passages that say what a tool is for. Written by mcp_catalog.refresh_catalog alone.';
comment on column mcp_catalog.tool_passages.tool is 'Name of the tool.';
comment on column mcp_catalog.tool_passages.position is
'0 its name and title, 1 its title and what comes first, then each sentence.';
comment on column mcp_catalog.tool_passages.passage is 'The text.';
comment on column mcp_catalog.tool_passages.digest is 'SHA-256 of the text.';

create table mcp_catalog.passage_vectors (
    model text not null,
    digest bytea not null,
    vector real [] not null,
    constraint passage_vectors_pkey primary key (model, digest)
);
comment on table mcp_catalog.passage_vectors is
'Vectors of passages, which outlive a refresh of the catalogue. Written by zava-mcp embed.';
comment on column mcp_catalog.passage_vectors.model is 'The model that made it.';
comment on column mcp_catalog.passage_vectors.digest is 'SHA-256 of the passage.';
comment on column mcp_catalog.passage_vectors.vector is 'The vector, without zeros at its end.';

create table mcp_catalog.tool_vectors (
    model text not null,
    tool text not null,
    source bytea not null,
    vector real [] not null,
    signs bit varying not null,
    constraint tool_vectors_pkey primary key (model, tool)
);
comment on table mcp_catalog.tool_vectors is
'The mean of the vectors of a tool''s passages. Written by mcp_catalog.refresh_tool_vectors alone.';
comment on column mcp_catalog.tool_vectors.model is 'The model.';
comment on column mcp_catalog.tool_vectors.tool is 'Name of the tool.';
comment on column mcp_catalog.tool_vectors.source is 'SHA-256 of the digests of its passages.';
comment on column mcp_catalog.tool_vectors.vector is 'Of length 1, without zeros at its end.';
comment on column mcp_catalog.tool_vectors.signs is
'A bit for each of 1536 numbers, 1 for a positive one: few differ between near vectors.';

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp_catalog to mcp_core;
grant create on schema mcp_tool to mcp_core;
alter domain mcp_tool.embedding owner to mcp_core;
alter table mcp_catalog.tool_passages owner to mcp_core;
alter table mcp_catalog.passage_vectors owner to mcp_core;
alter table mcp_catalog.tool_vectors owner to mcp_core;
revoke create on schema mcp_catalog from mcp_core;
revoke create on schema mcp_tool from mcp_core;
