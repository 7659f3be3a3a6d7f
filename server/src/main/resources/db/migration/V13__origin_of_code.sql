-- What made a version ('llm', 'rules', or nothing for code that was not generated), and of which definition: see
-- io.athena.procedures.procedure.Definitions.id; empty where that is not known.
alter table code_version
  add column generator text not null default '',
  add column definition_id text not null default '';

update code_version set generator = 'rules' where message = 'Generate from the definition by rules';
update code_version set generator = 'llm' where message = 'Generate from the definition by a language model';

-- Odds that a version is right before there is any evidence for it here, above 0 and at most 1: below 1 for code that was imported
-- with less confidence than code without evidence has.
alter table version_stats add column prior_odds double precision not null default 1;

create function confidence_in_version(
  examples_passed bigint, examples_failed bigint, runs_succeeded bigint, runs_failed bigint, step_coverage double precision,
  prior_odds double precision)
returns double precision
language sql immutable strict parallel safe as $$
  select step_coverage / (1 + exp(greatest(-700, least(700, -ln(prior_odds)
      -- Examples: Beta(2.6, 1.4) if the version is wrong, Beta(99, 1) if it is right.
    + log_gamma(2.6 + examples_passed) + log_gamma(1.4 + examples_failed) - log_gamma(4 + examples_passed + examples_failed)
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

-- For servers of the version before, while they are replaced.
create or replace function confidence_in_version(
  examples_passed bigint, examples_failed bigint, runs_succeeded bigint, runs_failed bigint, step_coverage double precision)
returns double precision
language sql immutable strict parallel safe as $$
  select confidence_in_version(examples_passed, examples_failed, runs_succeeded, runs_failed, step_coverage, 1)
$$;
