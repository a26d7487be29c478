-- Readers who wait for their first digest, found without those behind whom a batch of announcements is waited for.
create index subscribers_first_due on subscribers (next_due_at) where status = 'active' and planned_at is null;
