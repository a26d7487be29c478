-- What acronyms stand for, as the papers themselves define them, and what that makes of queries.

create table acronyms (
  -- Both in lexemes, those of the long form with spaces between them.
  short text not null,
  long text not null,
  short_written text not null,
  long_written text not null,
  -- Papers that define it so, and papers that define the short form at all.
  papers integer not null,
  all_papers integer not null default 0,
  chosen boolean not null default false,
  primary key (short, long)
);
create index acronyms_by_long on acronyms (split_part(long, ' ', 1)) where chosen;

-- Other names that the expression looks for too, as the reader is told; and the lexemes it was made from.
alter table queries
  add column also text[] not null default '{}',
  add column lexemes text[] not null default '{}',
  -- Since when nobody holds it. After a week it goes.
  add column unheld_since timestamptz;
-- `batch_id` is the batch since which the query, as it is now, takes part.
create index queries_by_batch on queries (batch_id);

-- Which rules made the expressions, and which PostgreSQL the lexemes of papers: stemmers differ between versions.
create table lexicon (
  rules integer not null,
  postgres integer not null
);
insert into lexicon values (0, current_setting('server_version_num')::integer / 10000);

-- The day that a paper belongs to, for counts by day and for search.
alter table papers add column day date
  generated always as (coalesce(published_on, (first_seen_at at time zone 'UTC')::date)) stored;
create index papers_by_day on papers (day);

-- A batch is matched in ranges of queries, which any number of workers share. It counts when all are done.
alter table batches add column completed_at timestamptz;
update batches set completed_at = matched_at;
create index batches_open on batches (id) where completed_at is null;

create table batch_ranges (
  batch_id bigint not null references batches on delete cascade,
  first_query_id bigint not null,
  last_query_id bigint not null,
  done_at timestamptz,
  primary key (batch_id, first_query_id)
);

-- A digest keeps the number of its query, which may be retired while the digest is still shown.
alter table digest_papers drop constraint digest_papers_query_id_fkey;

-- A digest's papers go with it, and papers are never deleted: checks for each row would cost more than writing it.
alter table digest_papers
  drop constraint digest_papers_subscriber_id_fkey,
  drop constraint digest_papers_paper_id_fkey;
