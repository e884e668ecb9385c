create or replace function retail.log_inserts()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- verified once, however many rows
    v_user_id uuid := mcp_auth.current_user_id();
begin
    insert into retail.change_log (store_id, table_name, operation, user_id, new_row)
    select n.store_id, tg_table_name, 'insert', v_user_id, to_jsonb(n.*)
    from new_rows as n;
    return null;
end
$$;

comment on function retail.log_inserts() is $comment$
Write rows that a statement inserted into a transactional table into retail.change_log: who, when, the rows.

Once a statement, from its transition table; retail.log_change() writes what is updated and deleted, row by row.
$comment$;

alter function retail.log_inserts() owner to zava_owner;
revoke all on function retail.log_inserts() from public;

create or replace trigger customers_log_insert
after insert on retail.customers
referencing new table as new_rows
for each statement execute function retail.log_inserts();
comment on trigger customers_log_insert on retail.customers is 'Writes the change log.';

create or replace trigger inventory_log_insert
after insert on retail.inventory
referencing new table as new_rows
for each statement execute function retail.log_inserts();
comment on trigger inventory_log_insert on retail.inventory is 'Writes the change log.';

create or replace trigger order_items_log_insert
after insert on retail.order_items
referencing new table as new_rows
for each statement execute function retail.log_inserts();
comment on trigger order_items_log_insert on retail.order_items is 'Writes the change log.';

create or replace trigger orders_log_insert
after insert on retail.orders
referencing new table as new_rows
for each statement execute function retail.log_inserts();
comment on trigger orders_log_insert on retail.orders is 'Writes the change log.';
