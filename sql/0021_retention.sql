-- What has outlived its use goes in small parts: each index here leads to what is to go, so that what stays is not read.

-- What came back is remembered longer than the mail that it was about, and names its digest itself.
alter table reports drop constraint reports_outbox_id_fkey, add column digest_id bigint;
update reports r set digest_id = o.subject_id from outbox o where o.id = r.outbox_id and o.kind = 'digest';
drop index reports_by_outbox;
create index reports_idle on reports (received_at) where kind = 'other';

-- Every digest has a link to vote by; what is voted on papers of long ago tells little.
update tokens set expires_at = created_at + interval '100 days' where purpose = 'vote';
create index tokens_expiring on tokens (expires_at) where expires_at is not null;

create index outbox_cancelled on outbox (settled_at) where state = 'cancelled';
create index outbox_expiring on outbox (expires_at) where state = 'queued';
-- Mails that were tried and wait, which status tells of. Of those that were not tried there may be a million.
create index outbox_retried on outbox (id) where state in ('queued', 'unknown') and result is not null;

create index subscribers_unconfirmed on subscribers (created_at) where confirmed_at is null;
create index subscription_requests_by_time on subscription_requests (created_at);
create index link_requests_by_time on link_requests (created_at);
create index address_changes_unconfirmed on address_changes (created_at) where confirmed_at is null;
create index paper_news_by_time on paper_news (noted_at);
create index queries_unheld on queries (unheld_since) where unheld_since is not null;
