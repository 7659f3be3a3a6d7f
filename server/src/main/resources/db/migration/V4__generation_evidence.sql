-- What is known of a version beside its runs: the procedure's own examples, run when it was generated, and the share of the
-- procedure's steps that it does. Code that was not generated has no such evidence.
alter table version_stats
  add column example_success_count integer not null default 0,
  add column example_failure_count integer not null default 0,
  add column step_coverage double precision not null default 1;
