-- PostgreSQL 18 plans the statement in this function anew for each paper, which took half of its time.
alter function paper_vector set plan_cache_mode = force_generic_plan;
