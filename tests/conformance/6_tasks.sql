-- Tools that may become tasks, and one beside them that may not.

create function conformance.greet(name text)
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.text('Hello, ' || greet.name || '!');
end;
select pg_temp.offer('greet(text)', $comment$
A tool that is answered at once.

@param name  Who is greeted.
$comment$);

create function conformance.slow_compute(
    seconds double precision default 1, label text default ''
)
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    for i in 1..10 loop
        perform mcp_tool.progress(i, 10, label);
        perform conformance_help.pause(seconds / 10);
    end loop;
    return mcp_tool.text('Computed for ' || seconds || ' seconds.');
end
$$;
select pg_temp.offer('slow_compute(double precision, text)', $comment$
A tool that takes its time, and says how far it is.

@param seconds  How long.
@param label    What it says beside its progress.
@tool task=allowed
$comment$);

create function conformance.failing_job()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform conformance_help.pause(1);
    return mcp_tool.fail('The job failed.');
end
$$;
select pg_temp.offer('failing_job()', $comment$
A tool that fails.

@tool task=required
$comment$);

create function conformance.protocol_error_job()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.roots('folders');
end;
select pg_temp.offer('protocol_error_job()', $comment$
A tool that asks what the suite's client cannot answer.

@tool task=allowed
$comment$);

create function conformance.confirm_delete(filename text)
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('confirm') is null then
        return mcp_tool.ask('confirm', 'Delete ' || filename || '?', '{
            "type": "object", "properties": {"confirm": {"type": "boolean"}}, "required": ["confirm"]
        }');
    end if;
    return mcp_tool.text('Deleted.');
end
$$;
select pg_temp.offer('confirm_delete(text)', $comment$
A task that asks the user.

@param filename  What would be deleted.
@tool task=allowed
$comment$);

create function conformance.multi_input()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_form constant jsonb := '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}';
begin
    if mcp_tool.answer('one') is null or mcp_tool.answer('two') is null then
        return mcp_tool.ask('one', 'Who is the first?', c_form) || mcp_tool.ask('two', 'Who is the second?', c_form);
    end if;
    return mcp_tool.text(concat_ws(' ', mcp_tool.answer('one') #>> '{content,name}', mcp_tool.answer('two') #>> '{content,name}'));
end
$$;
select pg_temp.offer('multi_input()', $comment$
A task that asks the user two questions.

@tool task=allowed
$comment$);

create function conformance.test_tool_with_task()
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('user_name') is null then
        return mcp_tool.ask('user_name', 'What is your name?', '{
            "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]
        }');
    end if;
    return mcp_tool.text('Hello, ' || (mcp_tool.answer('user_name') #>> '{content,name}') || '!');
end
$$;
select pg_temp.offer('test_tool_with_task()', $comment$
A tool that asks the user, and becomes a task then.

@tool task=required ask=first
$comment$);

create table conformance_help.counted (number integer not null);
grant insert on conformance_help.counted to mcp_tools;
create function conformance.count_slowly(number integer, seconds double precision default 0)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into conformance_help.counted (number) values (count_slowly.number);
    perform conformance_help.pause(seconds);
    return count_slowly.number;
end
$$;
select pg_temp.offer('count_slowly(integer, double precision)', $comment$
A task that writes.

@param number   What it writes.
@param seconds  How long it takes.
@tool task=required destructive=false
$comment$);

select mcp_catalog.refresh_catalog();
