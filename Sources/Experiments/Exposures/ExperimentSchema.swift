package import Database

/// The tables of online experiments and bandits.
package enum ExperimentSchema {
    package static let migrations = [
        Migration(
            "experiments-001-online",
            """
            CREATE TABLE online_experiments (
                id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, arms TEXT NOT NULL, spec TEXT NOT NULL,
                declared BIGINT NOT NULL, verdict TEXT, decided BIGINT)
            """,
            "CREATE INDEX online_experiments_by_endpoint ON online_experiments (endpoint, declared)",
            // The shares of the arms from a moment on.
            """
            CREATE TABLE experiment_periods (
                experiment TEXT NOT NULL, start BIGINT NOT NULL, shares TEXT NOT NULL,
                PRIMARY KEY (experiment, start))
            """,
            // A unit with the first arm that it met, and whether it met another since.
            """
            CREATE TABLE exposures (
                experiment TEXT NOT NULL, unit TEXT NOT NULL, variant TEXT NOT NULL, time BIGINT NOT NULL,
                crossed INTEGER NOT NULL, PRIMARY KEY (experiment, unit)) \(.inKeyOrder)
            """,
            "CREATE INDEX exposures_by_time ON exposures (experiment, time)",
            """
            CREATE TABLE rewards (
                sequence \(.identity), experiment TEXT NOT NULL, metric TEXT NOT NULL, id TEXT NOT NULL,
                unit TEXT NOT NULL, variant TEXT NOT NULL, value \(.double) NOT NULL, time BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX rewards_by_id ON rewards (experiment, metric, id)",
            "CREATE INDEX rewards_by_unit ON rewards (experiment, metric, unit)",
            "CREATE INDEX rewards_in_order ON rewards (experiment, sequence)",
            // What a unit's value was before the experiment.
            """
            CREATE TABLE covariates (
                experiment TEXT NOT NULL, unit TEXT NOT NULL, value \(.double) NOT NULL,
                PRIMARY KEY (experiment, unit)) \(.inKeyOrder)
            """,
            """
            CREATE TABLE guardrail_tests (
                experiment TEXT NOT NULL, variant TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL,
                PRIMARY KEY (experiment, variant, position))
            """,
            // Tries whose time for rewards is over, added up.
            """
            CREATE TABLE bandit_arms (
                experiment TEXT NOT NULL, variant TEXT NOT NULL, tries BIGINT NOT NULL, rewards BIGINT NOT NULL,
                sum \(.double) NOT NULL, sum_of_squares \(.double) NOT NULL, PRIMARY KEY (experiment, variant))
            """),
        Migration(
            "experiments-002-rewarded-rollouts",
            // The last reward that a guardrail has counted.
            "ALTER TABLE guardrail_tests ADD COLUMN last_reward BIGINT NOT NULL DEFAULT 0"),
        Migration(
            "experiments-003-unrewarded-predictions",
            // The last prediction that a guardrail has counted which counts those without a reward, too.
            "ALTER TABLE guardrail_tests ADD COLUMN last_try TEXT"),
    ]
}
