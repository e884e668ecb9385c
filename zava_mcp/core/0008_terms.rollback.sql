-- Mirrors 0008 backwards.
delete from mcp_catalog.hooks where hook = 'terms';
alter table mcp_catalog.hooks
drop constraint hooks_hook_check,
add constraint hooks_hook_check check (
    hook in (
        'scope', 'pending_embeddings', 'store_embeddings', 'finish_embeddings', 'maintain'
    )
);
alter type mcp_tool.table_schema drop attribute terms;
drop table mcp_catalog.terms;
drop type mcp_tool.term;
