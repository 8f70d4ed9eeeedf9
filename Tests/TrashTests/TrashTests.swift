import Database
import Events
import Registry
import TestSupport
import Testing
import Traces
import Tracking
import Trash
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct TrashTests {
    @Test func showsWhatWasDeletedLastFirst() async throws {
        let fixture = try await TrashFixture()
        let run = try await fixture.run()
        let model = try await fixture.loggedModel(of: run)
        let experiment = try await fixture.experiments.create(name: "e", by: "ann")
        _ = try await fixture.run(in: experiment)
        try await fixture.register("churn", versions: 2)
        try await fixture.register("other", versions: 2)
        #expect(try await fixture.labels().isEmpty)
        try await fixture.runs.delete(run.id, by: "ann")
        try await fixture.loggedModels.delete(model.id, by: "ann")
        try await fixture.experiments.delete(experiment, by: "ann")
        try await fixture.models.delete("churn", by: "ann")
        try await fixture.versions.delete(2, of: "other", by: "ann")
        let items = try await fixture.trash.items(limit: 100).elements
        #expect(
            items.map(\.label) == [
                "version other/2", "model 1", "experiment 1", "logged-model \(model.id)", "run \(run.id)",
            ], "A run that went with its experiment is not shown beside it.")
        #expect(items.map(\.contents) == [0, 2, 1, 0, 0])
        #expect(items.map(\.deletedAt.milliseconds) == items.map(\.deletedAt.milliseconds).sorted(by: >))
        #expect(try await fixture.labels(.run) == ["run \(run.id)"])
        let page = try await fixture.trash.items(limit: 2, offset: 2)
        #expect(page.elements.map(\.kind) == [.experiment, .loggedModel])
        #expect(page.next?.offset == 4)
    }

    @Test func everythingComesBackAsItWas() async throws {
        let fixture = try await TrashFixture()
        let run = try await fixture.run()
        let model = try await fixture.loggedModel(of: run)
        try await fixture.register("churn", versions: 3)
        try await fixture.models.setAlias("champion", of: "churn", to: 2, by: "ann")
        try await fixture.models.setAlias("taken", of: "churn", to: 2, by: "ann")
        let before = (
            run: try await fixture.runs.run(run.id), version: try await fixture.versions.version(2, of: "churn")
        )
        try await fixture.runs.delete(run.id, by: "ann")
        try await fixture.loggedModels.delete(model.id, by: "ann")
        try await fixture.versions.delete(2, of: "churn", by: "ann")
        try await fixture.models.setAlias("taken", of: "churn", to: 3, by: "ann")
        await #expect(throws: (any Error).self) { try await fixture.versions.version(2, of: "churn") }

        try await fixture.trash.restore(.run, run.id, as: nil, by: "ann")
        try await fixture.trash.restore(.loggedModel, model.id, as: nil, by: "ann")
        try await fixture.trash.restore(.version, "churn/2", as: nil, by: "ann")
        #expect(try await fixture.runs.run(run.id) == before.run)
        #expect(try await fixture.loggedModels.model(model.id).stage == .active)
        let version = try await fixture.versions.version(2, of: "churn")
        #expect(version.source == before.version.source)
        #expect(version.tags == before.version.tags)
        #expect(version.aliases == ["champion"], "An alias that went to another version stays there.")

        try await fixture.models.delete("churn", by: "ann")
        try await fixture.trash.restore(.model, "churn", as: nil, by: "ann")
        #expect(try await fixture.models.model(named: "churn").aliases.map(\.alias) == ["champion", "taken"])
        #expect(try await fixture.labels().isEmpty)
        let kinds = try await fixture.events.latest(limit: 8).map(\.kind)
        #expect(
            Set(kinds).isSuperset(of: [
                "run.restored", "logged-model.restored", "version.restored", "model.restored", "alias.moved",
            ]))
    }

    @Test func aModelWhoseNameWasTakenComesBackUnderAnother() async throws {
        let fixture = try await TrashFixture()
        for count in [1, 2] {
            try await fixture.register("churn", versions: count)
            try await fixture.models.delete("churn", by: "ann")
        }
        try await fixture.register("churn", versions: 1)
        #expect(
            try await fixture.versions.versions(of: "churn", limit: 100).elements.map(\.version) == [1],
            "Numbers begin again.")
        let several = await #expect(throws: RegistryError.self) {
            try await fixture.trash.restore(.model, "churn", as: nil, by: "ann")
        }
        #expect(several?.code == .conflict)
        let taken = await #expect(throws: RegistryError.self) {
            try await fixture.trash.restore(.model, "2", as: nil, by: "ann")
        }
        #expect(taken?.code == .alreadyExists)
        #expect(taken?.hint?.contains("--name") == true)
        try await fixture.trash.restore(.model, "2", as: "churn-old", by: "ann")
        #expect(try await fixture.versions.versions(of: "churn-old", limit: 100).elements.map(\.version) == [2, 1])
        #expect(try await fixture.labels() == ["model 1"])
    }

    @Test func whatIsPurgedLeavesNothingAndItsNameIsFree() async throws {
        let fixture = try await TrashFixture()
        let empty = try await fixture.rows()
        let experiment = try await fixture.experiments.create(
            name: "e", tags: [Tag(key: "k", value: "v")], by: "ann")
        let run = try await fixture.run(in: experiment)
        let model = try await fixture.loggedModel(of: run)
        try await fixture.register("churn", versions: 2, run: run)
        try await fixture.models.setAlias("champion", of: "churn", to: 2, by: "ann")
        try await fixture.models.delete("churn", by: "ann")
        try await fixture.experiments.delete(experiment, by: "ann")

        let report = try await fixture.purge()
        #expect(report.purged.map(\.kind) == [.model, .experiment])
        #expect(try await fixture.rows() == empty)
        #expect(try await !fixture.hasFiles("mlflow-artifacts:/\(experiment.text)"))
        #expect(try await !fixture.hasFiles(model.artifactURI))
        #expect(try await fixture.labels().isEmpty)
        let again = try await fixture.experiments.create(name: "e", by: "ann")
        #expect(again != experiment, "An id is never given again.")
        let kinds = try await fixture.events.latest(limit: 3).map(\.kind)
        #expect(kinds.contains("experiment.purged") && kinds.contains("model.purged"))
    }

    @Test func aPurgedExperimentTakesItsTracesAlong() async throws {
        try await TrashFixture.serve { fixture, server in
            let empty = try await fixture.rows()
            // The second shares its place with others, so that its files go one by one.
            for place in [nil, "mlflow-artifacts:/team/place"] {
                let experiment = try await fixture.experiments.create(
                    name: "e", artifactLocation: place, by: "ann")
                let run = try await fixture.run(in: experiment)
                let other = try await fixture.run(in: .first)
                let traces = [
                    try await fixture.trace(1, of: run, through: server),
                    try await fixture.trace(2, of: run, through: server),
                ]
                let kept = try await fixture.trace(3, of: other, through: server)
                let files = (traces + [kept]).map { "\(place ?? "mlflow-artifacts:/\(experiment.text)")/traces/\($0)" }
                let dataset = try await fixture.evaluationDatasets.create(
                    name: "questions", tags: [], experiments: [experiment, .first], by: "ann")
                try await fixture.experiments.delete(experiment, by: "ann")

                try await fixture.purge()
                for trace in traces {
                    await #expect(throws: TraceError.self) { try await fixture.traces.info(trace) }
                }
                #expect(try await fixture.traces.trace(kept).spans.count == 2)
                #expect(try await fixture.evaluationDatasets.dataset(dataset.id).experiments == [.first])
                for file in files { #expect(try await !fixture.hasFiles(file), "\(file)") }

                // With the run goes what links traces of others to it.
                try await fixture.runs.delete(other.id, by: "ann")
                try await fixture.purge(.one(.run, other.id))
                let links = try await fixture.rows()["trace_runs"]
                #expect(links == nil)
                try await fixture.evaluationDatasets.delete(dataset.id, by: "ann")
                let everything = TraceSelection.until(Timestamp(milliseconds: .max), limit: nil)
                #expect(try await fixture.traces.delete(everything, in: .first, by: "ann") == 1)
                #expect(try await fixture.rows() == empty)
            }
        }
    }

    @Test func onlyWhatWasOrderedGoes() async throws {
        let fixture = try await TrashFixture()
        let runs = [try await fixture.run(), try await fixture.run(), try await fixture.run()]
        for run in runs.dropLast() { try await fixture.runs.delete(run.id, by: "ann") }
        let first = try await fixture.trash.items(kind: .run, limit: 10).elements[1]
        var order = PurgeOrder()
        order.deletedBy = first.deletedAt
        order.isDryRun = true
        let found = try await fixture.purge(order)
        #expect(found.purged == [first])
        #expect(try await fixture.labels().count == 2, "A dry run leaves everything.")
        order.isDryRun = false
        let went = try await fixture.purge(order)
        #expect(went.purged == [first])
        #expect(try await fixture.labels() == ["run \(runs[1].id)"])
        try await fixture.purge(.one(.run, runs[1].id))
        #expect(try await fixture.rows()["runs"] == 1)
        #expect(try await fixture.rows()["datasets"] == 1, "The run that is left uses it.")
        #expect(try await fixture.hasFiles(runs[2].artifactURI))
        let active = await #expect(throws: TrashError.self) { try await fixture.purge(.one(.run, runs[2].id)) }
        #expect(active?.code == .doesNotExist)
    }

    @Test func whatIsUsedStaysUnlessForced() async throws {
        let fixture = try await TrashFixture()
        let run = try await fixture.run()
        try await fixture.register("churn", run: run)
        try await fixture.runs.delete(run.id, by: "ann")
        let refusal = await #expect(throws: TrashError.self) { try await fixture.purge(.one(.run, run.id)) }
        #expect(refusal?.code == .conflict)
        #expect(refusal?.message.contains("version 1 of model 'churn'") == true)
        let report = try await fixture.purge()
        #expect(report.purged.isEmpty)
        #expect(report.refused.map(\.item.label) == ["run \(run.id)"])
        try await fixture.versions.delete(1, of: "churn", by: "ann")
        let trashed = await #expect(throws: TrashError.self) { try await fixture.purge(.one(.run, run.id)) }
        #expect(trashed?.message.contains("itself in the trash") == true)

        fixture.served.add("version churn/1")
        let served = await #expect(throws: TrashError.self) { try await fixture.purge(.one(.version, "churn/1")) }
        #expect(served?.message.contains("endpoint 'live'") == true)
        try await fixture.purge(.one(.version, "churn/1", isForced: true))
        try await fixture.purge(.one(.run, run.id))
        #expect(try await fixture.labels().isEmpty)
        let next = try await fixture.versions.create(
            NewModelVersion(name: "churn", source: "s3://bucket/x"), by: "ann")
        #expect(next.version == 2, "The number of a purged version is not given again.")
    }

    @Test func anInterruptedPurgeIsFinishedByTheNext() async throws {
        let fixture = try await TrashFixture()
        let empty = try await fixture.rows()
        let experiment = try await fixture.experiments.create(name: "e", by: "ann")
        for _ in 0..<3 { _ = try await fixture.run(in: experiment, points: 20) }
        try await fixture.experiments.delete(experiment, by: "ann")
        // As a crash leaves it right after the first step: the row is gone, the note is there.
        try await fixture.database.write { transaction in
            _ = try ExperimentStore.forget(experiment, in: transaction)
            try transaction.execute(
                """
                INSERT INTO purges (rank, id, artifact_uri, requested_at)
                VALUES (\(DeletedKind.experiment.rank), \(experiment.text), 'mlflow-artifacts:/1', 0)
                """)
        }
        #expect(try await fixture.trash.unfinishedPurges() == 1)
        #expect(try await fixture.purge().purged.isEmpty)
        #expect(try await fixture.trash.unfinishedPurges() == 0)
        #expect(try await fixture.rows() == empty)
        #expect(try await !fixture.hasFiles("mlflow-artifacts:/1"))
    }

    @Test func filesThatOthersShareOrKeepStay() async throws {
        let fixture = try await TrashFixture()
        let shared = try await fixture.experiments.create(
            name: "shared", artifactLocation: "mlflow-artifacts:/team/place", by: "ann")
        let run = try await fixture.run(in: shared)
        try await fixture.write("of somebody else", to: "mlflow-artifacts:/team/place/other.txt")
        let foreign = try await fixture.experiments.create(
            name: "foreign", artifactLocation: "s3://bucket/place", by: "ann")
        let new = try NewRun(experimentID: foreign, startTime: Timestamp(milliseconds: 0))
        let distant = try await fixture.runs.create(new, by: "ann").info
        for id in [shared, foreign] { try await fixture.experiments.delete(id, by: "ann") }
        let report = try await fixture.purge()
        #expect(report.foreignFiles == [distant.artifactURI])
        #expect(try await !fixture.hasFiles(run.artifactURI))
        #expect(try await fixture.hasFiles("mlflow-artifacts:/team/place"))
    }
}
