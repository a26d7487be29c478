-- Digests for a million readers: what a digest shows is one document in its row, and that a reader has had a paper is one
-- narrow row. Both are written by COPY, thirteen rows of the second kind for each of the first.

-- What was read from the sources, in words. Many digests share one.
create table receipts (
  id bigint generated always as identity primary key,
  receipt text not null,
  -- What failed or is late, each a sentence.
  problems text[] not null default '{}'
);

alter table digests add column contents json, add column receipt_id bigint;

insert into receipts (receipt) select distinct receipt from digests;
update digests d set
  receipt_id = (select min(r.id) from receipts r where r.receipt = d.receipt),
  contents = json_build_object('papers', coalesce((
    select json_agg(json_strip_nulls(json_build_object('paper', dp.paper_id, 'revision', dp.revision, 'query', dp.query_id,
      'interest', dp.interest, 'upvotes', dp.upvotes, 'comments', dp.comments)) order by dp.position)
    from digest_papers dp where dp.digest_id = d.id), '[]'));

drop view digest_entries;
alter table digests drop column receipt, alter column contents set not null, alter column receipt_id set not null;
-- The planner locks the reader whose digest it writes, and a reader who is erased is erased from here by name: to check the
-- reference for each row would cost as much as the row.
alter table digests drop constraint digests_subscriber_id_fkey;
alter table outbox drop constraint outbox_subscriber_id_fkey;
-- A random number of 122 bits needs no index to be the only one.
alter table outbox drop constraint outbox_message_id_key;

drop index digest_papers_by_digest;
alter table digest_papers drop constraint digest_papers_digest_id_fkey,
  drop column position, drop column query_id, drop column interest, drop column revision, drop column upvotes, drop column comments;

-- What a digest lists, in its order, with each paper's text as it was when the digest was planned: from the paper, or from the
-- revision kept of it.
create view digest_entries as
select d.id as digest_id, e.place, (e.entry ->> 'query')::bigint as query_id, e.entry ->> 'interest' as interest,
  (e.entry ->> 'upvotes')::integer as upvotes, (e.entry ->> 'comments')::integer as comments, p.id as paper_id,
  coalesce(shown.arxiv_id, p.id::text) as slug,
  shown.arxiv_id, shown.doi, shown.published_on, shown.title, shown.abstract, shown.authors, shown.organization,
  shown.categories, shown.code_url, shown.project_url,
  exists (
    select from listings l where l.paper_id = p.id and l.source = 'huggingface' and l.seen_at <= d.planned_at
  ) as on_huggingface
from digests d
cross join lateral json_array_elements(d.contents -> 'papers') with ordinality as e (entry, place)
join papers p on p.id = (e.entry ->> 'paper')::bigint
cross join lateral (
  select r.arxiv_id, r.doi, r.published_on, r.title, r.abstract, r.authors, r.organization, r.categories, r.code_url, r.project_url
  from paper_revisions r where r.paper_id = p.id and r.revision = coalesce((e.entry ->> 'revision')::integer, 1)
  union all
  select p.arxiv_id, p.doi, p.published_on, p.title, p.abstract, p.authors, p.organization, p.categories, p.code_url, p.project_url
  where p.revision = coalesce((e.entry ->> 'revision')::integer, 1)
) as shown;
