create or replace function retail_demo.create_keys()
returns jsonb
language plpgsql
volatile
-- invoker: it joins retail with auth, which the migration login may and neither owner alone may
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_label constant text := 'demo';
    v_head_office uuid;
    v_regional_manager uuid;
begin
    select u.user_id into v_head_office
    from mcp_auth.users as u
    where u.audience = 'head_office' and u.is_active
    order by u.created_at, u.user_id
    limit 1;

    select u.user_id into v_regional_manager
    from retail.stores as s
    join mcp_auth.users as u
        on u.audience = 'regional_managers' and u.is_active and s.region_id::text = any(u.scope)
    group by u.user_id
    order by count(*) desc, u.user_id
    limit 1;

    if v_head_office is null or v_regional_manager is null then
        raise object_not_in_prerequisite_state using
            message = 'there are no demo users',
            hint = 'Call retail_demo.generate first.';
    end if;

    perform mcp_auth.revoke_api_keys(u.user_id, c_label)
    from (
        select v_head_office
        union
        select v_regional_manager
        union
        select s.manager_id
        from retail.stores as s
    ) as u(user_id);

    return jsonb_build_object(
        'head_office', mcp_auth.create_api_key(v_head_office, c_label),
        'regional_manager', mcp_auth.create_api_key(v_regional_manager, c_label),
        'stores', (
            select jsonb_object_agg(s.name, mcp_auth.create_api_key(s.manager_id, c_label))
            from retail.stores as s
        )
    );
end
$$;

comment on function retail_demo.create_keys() is $comment$
Make new API keys for the demo's users and revoke the ones made before.

For demo databases alone: it hands out the keys of every manager. Nobody is granted it; the
migration login may call it, being a member of both roles that it needs.

@returns {"head_office": key, "regional_manager": key, "stores": {store name: key}}; the regional
manager is the one with the most stores.
@error CONFLICT There are no demo users.
$comment$;

alter function retail_demo.create_keys() owner to zava_owner;
revoke all on function retail_demo.create_keys() from public;
