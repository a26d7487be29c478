-- Made by npm run schema from the migrations; a test fails when it drifts.

CREATE OR REPLACE FUNCTION public.after_gap(preceding tsvector, following tsvector)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ts_delete(((preceding || '''§'':16'::tsvector) || following), '§'::text)
;

CREATE OR REPLACE FUNCTION public.fold_text(written text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(regexp_replace(regexp_replace(replace(replace(replace(translate(lower(regexp_replace(NORMALIZE(written, NFKD), '[\u0300-\u036f]'::text, ''::text, 'g'::text)), 'øłđðı‐‑‒–−’'::text, 'olddi-----'''::text), 'ß'::text, 'ss'::text), 'æ'::text, 'ae'::text), 'œ'::text, 'oe'::text), '\mc\+\+'::text, 'cplusplus'::text, 'g'::text), '\mc#'::text, 'csharp'::text, 'g'::text), '(?<=[[:alnum:]])[-/](?=[[:alnum:]])'::text, ' '::text, 'g'::text)
;

CREATE OR REPLACE FUNCTION public.joined_words(written text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (SELECT COALESCE(string_agg(replace(word.word[1], '-'::text, ''::text), ' '::text), ''::text) AS "coalesce" FROM regexp_matches(translate(lower(NORMALIZE(joined_words.written, NFKC)), '‐‑‒–'::text, '----'::text), '[[:alpha:]]+(?:-[[:alpha:]]+)+'::text, 'g'::text) word(word))
;

CREATE OR REPLACE FUNCTION public.paper_field(folded text, longest integer, field "char")
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector('paper_words'::regconfig, "left"(COALESCE(folded, ''::text), longest)), field)
;

CREATE OR REPLACE FUNCTION public.paper_vector(title text, authors text[], organization text, categories text[], abstract text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN after_gap(after_gap(after_gap(after_gap(after_gap(paper_field(fold_text(title), 5000, 'A'::"char"), paper_field(joined_words(title), 5000, 'A'::"char")), paper_field(fold_text("left"(array_to_string(authors, ' . '::text), 50000)), 50000, 'B'::"char")), paper_field(fold_text(organization), 1000, 'B'::"char")), paper_field(fold_text((SELECT string_agg(((category.category || ' . '::text) || split_part(category.category, '.'::text, 1)), ' . '::text) AS string_agg FROM unnest(paper_vector.categories) category(category))), 5000, 'C'::"char")), after_gap(paper_field(fold_text("left"(abstract, 50000)), 50000, 'D'::"char"), paper_field(joined_words("left"(abstract, 50000)), 20000, 'D'::"char")))
;

create table batches (
  id bigint generated always as identity not null,
  matched_at timestamp with time zone not null,
  papers integer not null,
  queries integer not null,
  matches integer not null,
  constraint batches_pkey PRIMARY KEY (id)
);
CREATE INDEX batches_by_time ON public.batches USING btree (matched_at);

create table digest_papers (
  subscriber_id bigint not null,
  paper_id bigint not null,
  digest_id bigint not null,
  "position" smallint not null,
  query_id bigint,
  interest text,
  revision integer not null,
  upvotes integer,
  comments integer,
  constraint digest_papers_pkey PRIMARY KEY (subscriber_id, paper_id),
  constraint digest_papers_digest_id_fkey FOREIGN KEY (digest_id) REFERENCES digests(id) ON DELETE CASCADE,
  constraint digest_papers_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint digest_papers_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id),
  constraint digest_papers_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX digest_papers_by_digest ON public.digest_papers USING btree (digest_id, "position");

create table digests (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  local_date date not null,
  number integer not null,
  planned_at timestamp with time zone not null,
  matched integer not null,
  after_batch_id bigint not null,
  batch_id bigint not null,
  receipt text not null,
  constraint digests_subscriber_id_local_date_key UNIQUE (subscriber_id, local_date),
  constraint digests_pkey PRIMARY KEY (id),
  constraint digests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);

create table interests (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  query_id bigint not null,
  "position" smallint not null,
  typed text not null,
  created_at timestamp with time zone not null,
  since_batch_id bigint not null,
  constraint interests_subscriber_id_query_id_key UNIQUE (subscriber_id, query_id),
  constraint interests_pkey PRIMARY KEY (id),
  constraint interests_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id),
  constraint interests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX interests_by_query ON public.interests USING btree (query_id);

create table listings (
  paper_id bigint not null,
  source text not null,
  section text default ''::text not null,
  kind text not null,
  listed_on date not null,
  seen_at timestamp with time zone not null,
  constraint listings_pkey PRIMARY KEY (paper_id, source, section, listed_on),
  constraint listings_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint listings_kind_check CHECK ((kind = ANY (ARRAY['daily'::text, 'new'::text, 'cross'::text, 'replace'::text, 'replace-cross'::text])))
);
CREATE INDEX listings_by_day ON public.listings USING btree (listed_on DESC, source, paper_id);

create table mailbox (
  id bigint generated always as identity not null,
  received_at timestamp with time zone not null,
  sender text not null,
  recipients text[] not null,
  source bytea not null,
  constraint mailbox_pkey PRIMARY KEY (id)
);

create table matches (
  query_id bigint not null,
  paper_id bigint not null,
  batch_id bigint not null,
  rank real not null,
  constraint matches_pkey PRIMARY KEY (query_id, paper_id),
  constraint matches_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint matches_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id),
  constraint matches_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id) ON DELETE CASCADE
);
CREATE INDEX matches_by_batch ON public.matches USING btree (query_id, batch_id) INCLUDE (paper_id, rank);

create table migrations (
  name text not null,
  checksum text not null,
  constraint migrations_pkey PRIMARY KEY (name)
);

create table outbox (
  id bigint generated always as identity not null,
  kind text not null,
  subscriber_id bigint not null,
  subject_id bigint not null,
  email text not null,
  message_id text not null,
  state text default 'queued'::text not null,
  priority smallint not null,
  created_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  attempts integer default 0 not null,
  lease_holder text,
  lease_expires_at timestamp with time zone,
  settled_at timestamp with time zone,
  result text,
  constraint outbox_kind_subject_id_key UNIQUE (kind, subject_id),
  constraint outbox_message_id_key UNIQUE (message_id),
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE,
  constraint outbox_kind_check CHECK ((kind = ANY (ARRAY['confirm'::text, 'digest'::text]))),
  constraint outbox_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'unknown'::text, 'cancelled'::text])))
);
CREATE INDEX outbox_due ON public.outbox USING btree (priority, due_at, id) WHERE (state = 'queued'::text);
CREATE INDEX outbox_leased ON public.outbox USING btree (lease_expires_at) WHERE (state = ANY (ARRAY['sending'::text, 'unknown'::text]));
CREATE INDEX outbox_open_by_subscriber ON public.outbox USING btree (subscriber_id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'unknown'::text]));

create table paper_revisions (
  paper_id bigint not null,
  revision integer not null,
  arxiv_id text,
  doi text,
  published_on date,
  title text not null,
  abstract text not null,
  authors text[] not null,
  organization text,
  categories text[] not null,
  code_url text,
  project_url text,
  constraint paper_revisions_pkey PRIMARY KEY (paper_id, revision),
  constraint paper_revisions_paper_id_fkey FOREIGN KEY (paper_id) REFERENCES papers(id)
);

create table papers (
  id bigint generated always as identity not null,
  arxiv_id text,
  doi text,
  title_key text not null,
  title text not null,
  abstract text default ''::text not null,
  authors text[] default '{}'::text[] not null,
  organization text,
  categories text[] default '{}'::text[] not null,
  comment text,
  published_on date,
  version integer default 1 not null,
  authority smallint not null,
  revision integer default 1 not null,
  upvotes integer,
  comments integer,
  code_url text,
  project_url text,
  first_seen_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  batch_id bigint,
  vector tsvector generated always as (paper_vector(title, authors, organization, categories, abstract)) stored,
  slug text generated always as (COALESCE(arxiv_id, (id)::text)) stored,
  constraint papers_arxiv_id_key UNIQUE (arxiv_id),
  constraint papers_pkey PRIMARY KEY (id),
  constraint papers_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id)
);
CREATE INDEX papers_doi ON public.papers USING btree (doi) WHERE (doi IS NOT NULL);
CREATE INDEX papers_first_seen ON public.papers USING btree (first_seen_at, id);
CREATE INDEX papers_slug ON public.papers USING btree (slug);
CREATE INDEX papers_title_key ON public.papers USING btree (title_key);
CREATE INDEX papers_unmatched ON public.papers USING btree (id) WHERE (batch_id IS NULL);
CREATE INDEX papers_vector ON public.papers USING gin (vector);

create table queries (
  id bigint generated always as identity not null,
  canonical text not null,
  expression tsquery not null,
  created_at timestamp with time zone not null,
  batch_id bigint,
  constraint queries_canonical_key UNIQUE (canonical),
  constraint queries_pkey PRIMARY KEY (id),
  constraint queries_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id)
);
CREATE INDEX queries_unmatched ON public.queries USING btree (id) WHERE (batch_id IS NULL);

create table query_hits (
  query_id bigint not null,
  batch_id bigint not null,
  hits integer not null,
  constraint query_hits_pkey PRIMARY KEY (query_id, batch_id),
  constraint query_hits_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES batches(id),
  constraint query_hits_query_id_fkey FOREIGN KEY (query_id) REFERENCES queries(id) ON DELETE CASCADE
);

create table request_slots (
  host text not null,
  free_at timestamp with time zone not null,
  constraint request_slots_pkey PRIMARY KEY (host)
);

create table sources (
  name text not null,
  next_poll_at timestamp with time zone not null,
  lease_expires_at timestamp with time zone,
  etag text,
  batch_fingerprint text,
  batch_date date,
  polled_at timestamp with time zone,
  succeeded_at timestamp with time zone,
  failures integer default 0 not null,
  last_error text,
  expected integer,
  seen integer,
  skipped integer,
  constraint sources_pkey PRIMARY KEY (name)
);

create table subscribers (
  id bigint generated always as identity not null,
  email text not null,
  email_key text not null,
  status text not null,
  cadence text default 'daily'::text not null,
  weekday smallint default 1 not null,
  hour smallint default 8 not null,
  timezone text default 'UTC'::text not null,
  trending boolean default true not null,
  paper_limit smallint default 10 not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  unsubscribed_at timestamp with time zone,
  next_due_at timestamp with time zone,
  planned_at timestamp with time zone,
  planned_batch_id bigint default 0 not null,
  editions integer default 0 not null,
  constraint subscribers_email_key_key UNIQUE (email_key),
  constraint subscribers_pkey PRIMARY KEY (id),
  constraint subscribers_cadence_check CHECK ((cadence = ANY (ARRAY['daily'::text, 'weekdays'::text, 'weekly'::text]))),
  constraint subscribers_check CHECK (((status <> 'active'::text) OR (next_due_at IS NOT NULL))),
  constraint subscribers_hour_check CHECK (((hour >= 0) AND (hour <= 23))),
  constraint subscribers_paper_limit_check CHECK (((paper_limit >= 1) AND (paper_limit <= 50))),
  constraint subscribers_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'paused'::text, 'unsubscribed'::text, 'suppressed'::text]))),
  constraint subscribers_weekday_check CHECK (((weekday >= 1) AND (weekday <= 7)))
);
CREATE INDEX subscribers_due ON public.subscribers USING btree (next_due_at) WHERE (status = 'active'::text);

create table subscription_requests (
  id bigint generated always as identity not null,
  subscriber_id bigint not null,
  preferences jsonb not null,
  is_change boolean not null,
  created_at timestamp with time zone not null,
  confirmed_at timestamp with time zone,
  constraint subscription_requests_pkey PRIMARY KEY (id),
  constraint subscription_requests_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX subscription_requests_by_subscriber ON public.subscription_requests USING btree (subscriber_id, created_at);

create table suppressions (
  address_hash bytea not null,
  reason text not null,
  created_at timestamp with time zone not null,
  constraint suppressions_pkey PRIMARY KEY (address_hash)
);

create table tokens (
  hash bytea not null,
  purpose text not null,
  subscriber_id bigint not null,
  subject_id bigint,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  constraint tokens_pkey PRIMARY KEY (hash),
  constraint tokens_subscriber_id_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id) ON DELETE CASCADE
);
CREATE INDEX tokens_by_subscriber ON public.tokens USING btree (subscriber_id);

create view digest_entries as
 SELECT dp.digest_id,
    dp."position",
    dp.query_id,
    dp.interest,
    dp.upvotes,
    dp.comments,
    p.id AS paper_id,
    COALESCE(shown.arxiv_id, (p.id)::text) AS slug,
    shown.arxiv_id,
    shown.doi,
    shown.published_on,
    shown.title,
    shown.abstract,
    shown.authors,
    shown.organization,
    shown.categories,
    shown.code_url,
    shown.project_url,
    (EXISTS ( SELECT
           FROM listings l
          WHERE ((l.paper_id = p.id) AND (l.source = 'huggingface'::text) AND (l.seen_at <= d.planned_at)))) AS on_huggingface
   FROM (((digest_papers dp
     JOIN digests d ON ((d.id = dp.digest_id)))
     JOIN papers p ON ((p.id = dp.paper_id)))
     CROSS JOIN LATERAL ( SELECT r.arxiv_id,
            r.doi,
            r.published_on,
            r.title,
            r.abstract,
            r.authors,
            r.organization,
            r.categories,
            r.code_url,
            r.project_url
           FROM paper_revisions r
          WHERE ((r.paper_id = p.id) AND (r.revision = dp.revision))
        UNION ALL
         SELECT p.arxiv_id,
            p.doi,
            p.published_on,
            p.title,
            p.abstract,
            p.authors,
            p.organization,
            p.categories,
            p.code_url,
            p.project_url
          WHERE (p.revision = dp.revision)) shown);
