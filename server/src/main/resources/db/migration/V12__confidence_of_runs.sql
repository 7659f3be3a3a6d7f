-- Wrong code that succeeds every time is the less likely the longer that lasts (io.athena.procedures.code.Confidence has the formula and its
-- source): runs count as examples do, and what is stored is computed anew.
create or replace function confidence_in_version(
  examples_passed bigint, examples_failed bigint, runs_succeeded bigint, runs_failed bigint, step_coverage double precision)
returns double precision
language sql immutable strict parallel safe as $$
  select step_coverage / (1 + exp(greatest(-700, least(700,
      -- Examples: Beta(2.6, 1.4) if the version is wrong, Beta(99, 1) if it is right.
      log_gamma(2.6 + examples_passed) + log_gamma(1.4 + examples_failed) - log_gamma(4 + examples_passed + examples_failed)
    - log_gamma(2.6) - log_gamma(1.4) + log_gamma(4)
    - log_gamma(99 + examples_passed) - log_gamma(1 + examples_failed) + log_gamma(100 + examples_passed + examples_failed)
    - ln(99)
      -- Runs: Beta(31, 1.4) if it is wrong, Beta(49, 1) if it is right.
    + log_gamma(31 + runs_succeeded) + log_gamma(1.4 + runs_failed) - log_gamma(32.4 + runs_succeeded + runs_failed)
    - log_gamma(31) - log_gamma(1.4) + log_gamma(32.4)
    - log_gamma(49 + runs_succeeded) - log_gamma(1 + runs_failed) + log_gamma(50 + runs_succeeded + runs_failed)
    - ln(49)
  ))))
$$;

update version_stats
set confidence =
  confidence_in_version(example_success_count, example_failure_count, success_count, failure_count - no_fault_count, step_coverage)
where version > 0;
