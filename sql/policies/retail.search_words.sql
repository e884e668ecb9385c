-- retail.search_words: triggers write it, and what counts words for a search reads it; both run
-- as the owner.
alter table retail.search_words enable row level security;
alter table retail.search_words force row level security;

drop policy if exists search_words_owner on retail.search_words;
create policy search_words_owner on retail.search_words
for all to zava_owner
using (true)
with check (true);
comment on policy search_words_owner on retail.search_words is
'Trigger functions and searches, which run as the owner, see every row.';

revoke all on retail.search_words from public;
