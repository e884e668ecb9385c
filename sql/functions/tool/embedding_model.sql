create or replace function tool.embedding_model()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.embedding_model', true), '');
end;

comment on function tool.embedding_model() is $comment$
Name of the model that made the vectors of this call. Compare them only with vectors of the same model.

@returns Null when the call came without vectors.
$comment$;

alter function tool.embedding_model() owner to zava_auth;
revoke all on function tool.embedding_model() from public;
grant execute on function tool.embedding_model() to zava_tools;
