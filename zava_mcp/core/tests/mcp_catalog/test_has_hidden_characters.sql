-- mcp_catalog.has_hidden_characters and first_hidden: each invisible or reordering character, no
-- letter of any language.
begin;
set local search_path = tests, ext, public;
select plan(14);

select results_eq(
    $$
    select format('%s-%s', to_hex(min(c.code)), to_hex(max(c.code))) collate "default"
    from (
        select
            n.code,
            n.code - row_number() over (order by n.code) as island
        from generate_series(1, 1114111) as n (code)
        where n.code not between 55296 and 57343 and mcp_catalog.has_hidden_characters(chr(n.code))
    ) as c
    group by c.island
    order by min(c.code)
    $$,
    array[
        '1-8', 'b-1f', '7f-9f', 'ad-ad', '34f-34f', '61c-61c', '115f-1160', '17b4-17b5',
        '180b-180f',
        '200b-200b',
        '200e-200f',
        '2028-202e',
        '2060-206f',
        '3164-3164',
        'fe00-fe0e',
        'feff-feff',
        'ffa0-ffa0', 'fff0-fffb', '1bca0-1bca3', '1d173-1d17a', 'e0000-e0fff'
    ],
    'of all characters, these: control, bidi, zero-width, other invisible ones and tags'
);
select is(mcp_catalog.has_hidden_characters('ab' || chr(8238) || 'c'), true, 'anywhere in a text');
select is(mcp_catalog.has_hidden_characters(E'a\tb\nc'), false, 'tab and line feed are plain');
select is(mcp_catalog.has_hidden_characters(''), false, 'nothing hides nothing');
select is(mcp_catalog.has_hidden_characters(null), null, 'null of null');
select is(mcp_catalog.first_hidden(h.text), h.place, format('first_hidden: %s', h.what))
from (
    values
    ('Zoë', null, 'a letter of any language'),
    (E'می\u200Cخواهم', null, 'a joiner inside a word'),
    (E'\U0001F468\u200D\U0001F469\u200D\U0001F467 \u2764\uFE0F', null, 'a family and a heart'),
    (E'a\r\nb\r\n', null, 'line ends of Windows'),
    (E'a\rb', 'U+000D at line 1, column 2', 'a carriage return by itself'),
    (E'ab\ncd\u200C\u200De', 'U+200C at line 2, column 3', 'two joiners join nothing'),
    (E'a\n\nso\u00ADft', 'U+00AD at line 3, column 3', 'a soft hyphen'),
    (E'x\U000E0041', 'U+E0041 at line 1, column 2', 'a tag'),
    ('', null, 'nothing')
) as h (text, place, what);

select finish();
rollback;
