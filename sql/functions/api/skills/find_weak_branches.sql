create or replace function api.find_weak_branches()
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
return '# Find branches that need help

1. Call compare_stores for last_90_days, and again for last_30_days. Leave the online store out: it
   has no counter and no shelf.
2. A branch needs help if its revenue fell in both periods, and by 5 percentage points more than
   that of the median branch. A branch that is only small is not weak.
3. For each of at most three such branches:
   - get_category_performance: is it one category, or all? All of them point to the place: fewer
     customers, opening hours, staff. One of them points to stock or price.
   - get_inventory_status with status out_of_stock: how many products that sell are gone?
   - get_restock_suggestions with target_days 14: what would fill the shelves, and what it costs.

## The answer

A table with one row a branch: name, change in 90 and in 30 days, median of all, cause, what to do
first. Then one sentence for each branch. If no branch fits the rule, say so and name the three
lowest changes. Never rank people.
';

comment on function api.find_weak_branches() is $comment$
Find the branches that fall behind the others and need help.

Use it for questions about weak, failing or worst stores. It says how to compare them fairly, where to look for the cause,
and how to report.

@skill title="Find weak branches"
$comment$;

alter function api.find_weak_branches() owner to mcp_tools;
revoke all on function api.find_weak_branches() from public;
grant execute on function api.find_weak_branches()
to mcp_core, store_managers, regional_managers, head_office;
