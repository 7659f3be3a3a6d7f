-- io.athena.procedures.code.Confidence has the formula and its source. It is here, too, so that the end of a run and what
-- follows from it for the confidence are one statement; a test holds the two against each other.

-- Stirling's series (Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.41) at x + 8, where these terms have an
-- error below 1e-11, and back by the recurrence 6.1.15. For x above 0.
create function log_gamma(x double precision) returns double precision
language sql immutable strict parallel safe as $$
  select (z - 0.5) * ln(z) - z + 0.5 * ln(2 * pi()) + 1 / (12 * z) - 1 / (360 * z ^ 3) + 1 / (1260 * z ^ 5) - 1 / (1680 * z ^ 7)
         - ln(x * (x + 1) * (x + 2) * (x + 3) * (x + 4) * (x + 5) * (x + 6) * (x + 7))
  from (select x + 8 as z) as shifted
$$;

-- Terms that are the same in both likelihoods are left out: of runs the gamma function of 1 + runs_failed.
create function confidence_in_version(
  examples_passed bigint, examples_failed bigint, runs_succeeded bigint, runs_failed bigint, step_coverage double precision)
returns double precision
language sql immutable strict parallel safe as $$
  select step_coverage / (1 + exp(greatest(-700, least(700,
      -- Examples: Beta(2.6, 1.4) if the version is wrong, Beta(99, 1) if it is right.
      log_gamma(2.6 + examples_passed) + log_gamma(1.4 + examples_failed) - log_gamma(4 + examples_passed + examples_failed)
    - log_gamma(2.6) - log_gamma(1.4) + log_gamma(4)
    - log_gamma(99 + examples_passed) - log_gamma(1 + examples_failed) + log_gamma(100 + examples_passed + examples_failed)
    - ln(99)
      -- Runs: Beta(22, 1) if it is wrong, Beta(49, 1) if it is right.
    + log_gamma(22 + runs_succeeded) - log_gamma(23 + runs_succeeded + runs_failed) + ln(22)
    - log_gamma(49 + runs_succeeded) + log_gamma(50 + runs_succeeded + runs_failed) - ln(49)
  ))))
$$;
