-- What policies ask is marked IMMUTABLE, so that a plan made for one caller serves another.
alter function mcp_auth.context() immutable;
alter function mcp_auth.scope_text() immutable;
alter function mcp_auth.scope_uuid() immutable;
alter function mcp_auth.has_audience(name) immutable;
alter function retail.get_user_store_list() immutable;
alter function retail.get_current_user_store() immutable;
