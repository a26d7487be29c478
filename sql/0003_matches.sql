-- Which papers hit which queries.

-- One run of the match stage. Runs are serialised by a lock, so ids are visible in their order: whoever sees a batch sees
-- all before it. Readers are planned "through batch N" on the strength of that.
create table batches (
  id bigint generated always as identity primary key,
  matched_at timestamptz not null,
  papers integer not null,
  queries integer not null,
  matches integer not null
);
create index batches_by_time on batches (matched_at);

alter table papers add foreign key (batch_id) references batches;
alter table queries add foreign key (batch_id) references batches;

-- The best hits of a query in a batch, at most 50; query_hits has how many there were.
create table matches (
  query_id bigint not null references queries on delete cascade,
  paper_id bigint not null references papers,
  batch_id bigint not null references batches,
  rank real not null,
  primary key (query_id, paper_id)
);
create index matches_by_batch on matches (query_id, batch_id) include (paper_id, rank);

create table query_hits (
  query_id bigint not null references queries on delete cascade,
  batch_id bigint not null references batches,
  hits integer not null,
  primary key (query_id, batch_id)
);
