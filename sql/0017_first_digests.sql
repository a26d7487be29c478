-- Readers who wait for their first digest, found without reading those who wait for an announcement of arXiv.
create index subscribers_first_due on subscribers (next_due_at) where status = 'active' and planned_at is null;
