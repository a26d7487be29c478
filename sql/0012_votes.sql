-- What readers said of papers in their digests: more like this, or less. What is learnt is worked out of it each time and kept
-- nowhere, so that taking a vote back takes back all that it did.
create table votes (
  subscriber_id bigint not null references subscribers on delete cascade,
  paper_id bigint not null references papers,
  liked boolean not null,
  voted_at timestamptz not null,
  primary key (subscriber_id, paper_id)
);

-- How many votes a reader has: planning looks for those of readers who have any.
alter table subscribers add column votes integer not null default 0;

-- See 0011; `taste` says how the reader's votes moved the paper, where they did.
create or replace view digest_entries as
select d.id as digest_id, e.place, (e.entry ->> 'query')::bigint as query_id, e.entry ->> 'interest' as interest,
  v.paper_id, coalesce(v.arxiv_id, v.paper_id::text) as slug, v.title, e.entry ->> 'taste' as taste
from digests d
cross join lateral json_array_elements(d.contents -> 'papers') with ordinality as e (entry, place)
join paper_versions v on v.paper_id = (e.entry ->> 'paper')::bigint
  and v.revision = coalesce((e.entry ->> 'revision')::integer, 1);
