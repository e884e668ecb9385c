-- Resources: text, bytes, a template, and one to subscribe to.

create function conformance.static_text()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 'This is the content of the static text resource.';
end;
select pg_temp.offer('static_text()', $comment$
A static text.
@resource uri="test://static-text" mime="text/plain"
$comment$);

create function conformance.static_binary()
returns bytea
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select conformance_help.picture();
end;
select pg_temp.offer('static_binary()', $comment$
A static picture.
@resource uri="test://static-binary" mime="image/png"
$comment$);

create function conformance.template_data(id text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_object(
            'id', template_data.id, 'templateTest', true, 'data', 'Data for ID: ' || template_data.id
        );
end;
select pg_temp.offer('template_data(text)', $comment$
A resource for every id.

@param id  The id.
@resource uri="test://template/{id}/data" mime="application/json"
$comment$);

create function conformance.watched_resource()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 'Watched since ' || now();
end;
select pg_temp.offer('watched_resource()', $comment$
A resource to subscribe to.
@resource uri="test://watched-resource" mime="text/plain"
$comment$);

create function conformance.touch_watched_resource()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.resource_changed('test://watched-resource');
end;
select pg_temp.offer('touch_watched_resource()', $comment$
Tell the subscribers that the watched resource has changed.
$comment$);
