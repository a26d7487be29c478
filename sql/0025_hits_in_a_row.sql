-- What a query hits in a batch is one row, not one for each paper: a million queries are written, read and cleared away as a million
-- rows. Best first; at most 50, of `hits` in all. What was found when a query was new comes before what its first batch brought.
alter table query_hits
  add paper_ids bigint[] not null default '{}',
  add ranks real[] not null default '{}';
insert into query_hits (query_id, batch_id, hits, paper_ids, ranks)
select query_id, batch_id, count(*), array_agg(paper_id order by rank desc, paper_id desc), array_agg(rank order by rank desc, paper_id desc)
from matches group by query_id, batch_id
on conflict (query_id, batch_id) do update set paper_ids = excluded.paper_ids, ranks = excluded.ranks;
alter table query_hits
  alter paper_ids drop default,
  alter ranks drop default,
  add check (cardinality(paper_ids) = cardinality(ranks));

drop table matches;
create view matches as
select h.query_id, m.paper_id, h.batch_id, m.rank
from query_hits h cross join lateral unnest(h.paper_ids, h.ranks) as m (paper_id, rank);

-- The paper was matched before its text or the rules changed: it may stand among the hits of earlier batches, and keeps its place there.
alter table papers add was_matched boolean not null default false;
update papers set was_matched = true
where batch_id is null or batch_id in (select id from batches where completed_at is null);
