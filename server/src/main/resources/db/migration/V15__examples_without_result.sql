-- Examples that ended without an error and expect no result: they count as runs that ended well.
alter table version_stats add column example_run_count integer not null default 0;
alter table generated_code add column example_run_count integer not null default 0;
