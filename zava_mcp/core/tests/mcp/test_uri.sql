-- The URI templates of resources: variables, pattern, decoding, encoding (mcp_tool.uri_part), and
-- whether two of them overlap.
begin;
set local search_path = tests, ext, public;
select plan(56);

select
    is(
        mcp_catalog.uri_variables(t.template),
        t.variables::text [],
        format('variables of %s', t.template)
    )
from (
    values
    ('a://b', '{}'),
    ('a://b/{c}/d/{e}', '{c,e}'),
    ('a://{e}-{c}', '{e,c}')
) as t (template, variables);

select
    is(
        regexp_match(u.uri, mcp_catalog.uri_pattern(u.template)),
        u.found::text [],
        format('%s at %s', u.uri, u.template)
    )
from (
    values
    ('a://b', 'a://b', '{a://b}'),
    ('a://b', 'a://b/', null),
    ('a://b', 'A://b', null),
    ('a://b', 'xa://b', null),
    ('a://b/{c}', 'a://b/x', '{x}'),
    ('a://b/{c}', 'a://b/', null),
    ('a://b/{c}', 'a://b/x/y', null),
    ('a://b/{c}', 'a://b/x?y', null),
    ('a://b/{c}', 'a://b/x#y', null),
    ('a://b/{c}', 'a://b/x%2Fy', '{x%2Fy}'),
    ('a://b/{c}', E'a://b/x\ny', E'{"x\ny"}'),
    ('a://b/{c}/d/{e}', 'a://b/1/d/2', '{1,2}'),
    ('a://b/{c}.{e}', 'a://b/1.2', '{1,2}'),
    -- what is special in an expression is not in a URI
    ('a://b.c', 'a://bxc', null),
    ('a://b+(c)*[d]^$|\', 'a://b+(c)*[d]^$|\', '{"a://b+(c)*[d]^$|\\"}')
) as u (template, uri, found);

select
    is(
        mcp_catalog.uri_decoded(e.encoded),
        e.expected,
        format('decoded: %s', e.encoded)
    )
from (
    values
    ('x', 'x'),
    ('a%20b', 'a b'),
    ('%C3%A9%f0%9f%9b%92', 'é🛒'),
    ('é', 'é'),
    ('a+b', 'a+b'),
    ('100%25', '100%'),
    ('%2525', '%25'),
    ('%', null),
    ('%2', null),
    ('%zz', null),
    ('a%2', null),
    -- no UTF-8, half a letter, a letter too long, a surrogate, NUL
    ('%ff', null),
    ('%C3', null),
    ('%C0%80', null),
    ('%ED%A0%80', null),
    ('%00', null)
) as e (encoded, expected);

select
    is(
        array[mcp_tool.uri_part(e.value), mcp_catalog.uri_decoded(mcp_tool.uri_part(e.value))],
        array[e.expected, e.value],
        format('encoded, and back: %s', e.value)
    )
from (
    values
    ('demo.My-Table_1~', 'demo.My-Table_1~'),
    ('demo."My Table"', 'demo.%22My%20Table%22'),
    ('a/b?c#d%25', 'a%2Fb%3Fc%23d%2525'),
    ('é🛒', '%C3%A9%F0%9F%9B%92'),
    (E'a\nb', 'a%0Ab')
) as e (value, expected);
select is(mcp_tool.uri_part(''), '', 'encoded: nothing is nothing');
select is(mcp_tool.uri_part(null), null, 'encoded: null is null');

select
    is(
        array[mcp_catalog.uri_overlaps(o.one, o.other), mcp_catalog.uri_overlaps(o.other, o.one)],
        array[o.expected, o.expected],
        format('%s and %s', o.one, o.other)
    )
from (
    values
    ('a://b', 'a://b', true),
    ('a://b', 'a://c', false),
    ('a://b', 'a://b/c', false),
    ('a://b/{c}', 'a://b/c', true),
    ('a://b/{c}', 'a://d/c', false),
    ('a://b/{c}', 'a://b/{d}', true),
    ('a://b/{c}/x', 'a://b/{d}/y', false),
    ('a://b/{c}', 'a://b/{c}/x', false),
    ('a://b/{c}/x', 'a://b/y/{d}', true),
    ('a://b/x-{c}', 'a://b/y-{d}', false),
    ('a://b/x{c}', 'a://b/xy{d}', true),
    ('a://b/{c}.json', 'a://b/{d}.xml', false),
    ('a://b/{c}.json', 'a://b/{d}', true),
    ('a://b/{c}.json', 'a://b/x.json', true),
    ('a://b/{c}.json', 'a://b/x.xml', false)
) as o (one, other, expected);

select finish();
rollback;
