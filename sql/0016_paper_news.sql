-- What happened to papers after they were read, for readers who ask for notes on papers that they have had.
create table paper_news (
  id bigint generated always as identity primary key,
  paper_id bigint not null references papers (id) on delete cascade,
  kind text not null check (kind in ('version', 'code', 'votes')),
  -- The batch that it was taken up with, as papers are: so that each is told once. Null: it waits.
  batch_id bigint references batches (id),
  noted_at timestamptz not null
);
create index paper_news_by_batch on paper_news (batch_id);
-- Votes go up and down, and a link goes and comes back: it is news the first time.
create unique index paper_news_once on paper_news (paper_id, kind) where kind <> 'version';

alter table subscribers add column notes boolean not null default false;
