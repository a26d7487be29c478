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

-- A paper's text as it is and as it was in each earlier revision.
create view paper_versions as
select paper_id, revision, arxiv_id, doi, published_on, title, abstract, authors, organization, categories, code_url, project_url
from paper_revisions
union all
select id, revision, arxiv_id, doi, published_on, title, abstract, authors, organization, categories, code_url, project_url
from papers;

-- What a digest lists, in its order, with each paper's name as it was when the digest was planned.
create view digest_entries as
select d.id as digest_id, e.place, (e.entry ->> 'query')::bigint as query_id, e.entry ->> 'interest' as interest,
  v.paper_id, coalesce(v.arxiv_id, v.paper_id::text) as slug, v.title
from digests d
cross join lateral json_array_elements(d.contents -> 'papers') with ordinality as e (entry, place)
join paper_versions v on v.paper_id = (e.entry ->> 'paper')::bigint
  and v.revision = coalesce((e.entry ->> 'revision')::integer, 1);
