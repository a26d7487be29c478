-- Readers who chose the same hour in the same zone are due at the same instant, by the hundred thousand: they are taken in the
-- order of their numbers, and all of them were sorted for each batch of a few thousand.
drop index subscribers_due;
create index subscribers_due on subscribers (next_due_at, id) where status = 'active';
drop index subscribers_first_due;
create index subscribers_first_due on subscribers (next_due_at, id) where status = 'active' and planned_at is null;
