-- Digests, the mails to send, and the local mailbox.

create table digests (
  id bigint generated always as identity primary key,
  subscriber_id bigint not null references subscribers on delete cascade,
  -- The reader's own date, on which they get one edition.
  local_date date not null,
  number integer not null,
  planned_at timestamptz not null,
  -- How many papers matched, those beyond the reader's limit included.
  matched integer not null,
  -- The batches whose matches it was made from: after the first, through the second.
  after_batch_id bigint not null,
  batch_id bigint not null,
  -- What was read from the sources to make it, in words.
  receipt text not null,
  unique (subscriber_id, local_date)
);

create table digest_papers (
  subscriber_id bigint not null references subscribers on delete cascade,
  paper_id bigint not null references papers,
  digest_id bigint not null references digests on delete cascade,
  position smallint not null,
  -- The interest that brought it; null for a paper that is there because it trends.
  query_id bigint references queries,
  interest text,
  -- What the mail shows, as it was when the digest was planned.
  revision integer not null,
  upvotes integer,
  comments integer,
  primary key (subscriber_id, paper_id)
);
create index digest_papers_by_digest on digest_papers (digest_id, position);

-- Every mail to send, whatever its kind.
create table outbox (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('confirm', 'digest')),
  subscriber_id bigint not null references subscribers on delete cascade,
  -- The request or digest that the mail is about.
  subject_id bigint not null,
  email text not null,
  -- Fixed for all attempts, so that a mail that arrives twice can be told.
  message_id text not null unique,
  state text not null default 'queued'
    check (state in ('queued', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
  -- Lower goes first: a person is waiting for a confirmation.
  priority smallint not null,
  created_at timestamptz not null,
  due_at timestamptz not null,
  expires_at timestamptz not null,
  attempts integer not null default 0,
  -- Who is sending it, and until when nobody else may.
  lease_holder text,
  lease_expires_at timestamptz,
  settled_at timestamptz,
  -- The server's answer, or why it was not sent.
  result text,
  unique (kind, subject_id)
);
create index outbox_due on outbox (priority, due_at, id) where state = 'queued';
create index outbox_leased on outbox (lease_expires_at) where state in ('sending', 'unknown');
create index outbox_open_by_subscriber on outbox (subscriber_id) where state in ('queued', 'sending', 'unknown');

-- What a mail about a digest shows: the text as it was at planning, from the paper or from the revision kept of it.
create view digest_entries as
select dp.digest_id, dp.position, dp.query_id, dp.interest, dp.upvotes, dp.comments, p.id as paper_id,
  coalesce(shown.arxiv_id, p.id::text) as slug,
  shown.arxiv_id, shown.doi, shown.published_on, shown.title, shown.abstract, shown.authors, shown.organization,
  shown.categories, shown.code_url, shown.project_url,
  exists (
    select from listings l where l.paper_id = p.id and l.source = 'huggingface' and l.seen_at <= d.planned_at
  ) as on_huggingface
from digest_papers dp
join digests d on d.id = dp.digest_id
join papers p on p.id = dp.paper_id
cross join lateral (
  select r.arxiv_id, r.doi, r.published_on, r.title, r.abstract, r.authors, r.organization, r.categories, r.code_url, r.project_url
  from paper_revisions r where r.paper_id = p.id and r.revision = dp.revision
  union all
  select p.arxiv_id, p.doi, p.published_on, p.title, p.abstract, p.authors, p.organization, p.categories, p.code_url, p.project_url
  where p.revision = dp.revision
) as shown;

-- What the local mailbox has received, when no other mail server is set.
create table mailbox (
  id bigint generated always as identity primary key,
  received_at timestamptz not null,
  sender text not null,
  recipients text[] not null,
  source bytea not null
);
