package import Database

/// The tables of endpoints: how units are dealt, which versions came and went, what shadows answered.
package enum ServingSchema {
    package static let migrations = [
        Migration(
            "endpoints-001",
            """
            CREATE TABLE endpoint_shares (
                endpoint TEXT NOT NULL, salt TEXT NOT NULL, shares TEXT NOT NULL, PRIMARY KEY (endpoint, salt))
            """),
        Migration(
            "rollouts-001",
            """
            CREATE TABLE rollouts (
                id \(.identity), endpoint TEXT NOT NULL, variant TEXT NOT NULL, from_version TEXT,
                to_version TEXT NOT NULL, state TEXT NOT NULL, steps TEXT NOT NULL, step INTEGER NOT NULL,
                start_time BIGINT NOT NULL, step_time BIGINT NOT NULL, end_time BIGINT, reason TEXT NOT NULL,
                evidence TEXT NOT NULL)
            """,
            // Two servers that notice the same new version begin one rollout.
            """
            CREATE UNIQUE INDEX rollouts_running ON rollouts (endpoint, variant) WHERE state = 'running'
            """,
            "CREATE INDEX rollouts_by_endpoint ON rollouts (endpoint, id)",
            // What each server has seen of a running rollout: the outcomes that its guardrails are tested with.
            """
            CREATE TABLE rollout_outcomes (
                rollout BIGINT NOT NULL, server TEXT NOT NULL, outcomes TEXT NOT NULL, PRIMARY KEY (rollout, server))
            """),
        Migration(
            "shadow-001",
            // Sums over everything that was compared.
            """
            CREATE TABLE shadow_totals (
                endpoint TEXT NOT NULL, primary_version TEXT NOT NULL, shadow_version TEXT NOT NULL,
                requests BIGINT NOT NULL, row_count BIGINT NOT NULL, agreeing BIGINT NOT NULL, failed BIGINT NOT NULL,
                dropped BIGINT NOT NULL, numeric_rows BIGINT NOT NULL, difference_sum \(.double) NOT NULL,
                difference_max \(.double) NOT NULL, first_time BIGINT NOT NULL, last_time BIGINT NOT NULL,
                PRIMARY KEY (endpoint, primary_version, shadow_version))
            """,
            // The newest rows one by one.
            """
            CREATE TABLE shadow_pairs (
                id \(.identity), endpoint TEXT NOT NULL, primary_version TEXT NOT NULL, shadow_version TEXT NOT NULL,
                prediction TEXT NOT NULL, time BIGINT NOT NULL, primary_output TEXT NOT NULL, shadow_output TEXT,
                primary_us BIGINT NOT NULL, shadow_us BIGINT NOT NULL, problem TEXT, agrees INTEGER NOT NULL,
                difference \(.double))
            """,
            "CREATE INDEX shadow_pairs_by_versions ON shadow_pairs (endpoint, primary_version, shadow_version, id)"),
        Migration(
            "rollouts-002-plans",
            // Its whole plan: one that began before has none, and takes that of the manifest.
            "ALTER TABLE rollouts ADD COLUMN plan TEXT",
            "ALTER TABLE rollouts ADD COLUMN requests BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE rollouts ADD COLUMN step_requests BIGINT NOT NULL DEFAULT 0",
            // The evidence is in guardrail_tests, beside that of experiments.
            "DROP TABLE rollout_outcomes"),
    ]
}
