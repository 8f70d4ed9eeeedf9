import SystemPackage
import TestSupport
import Testing
import Wire

@testable import Tracking

/// What others wrote, in commands that people copy.
struct ShellWordTests {
    private static let hostile = [
        "", "plain-1.2/x", "a b", "it's", "$(touch /tmp/x)", "`id`", "a;b|c&d>e<f", "\\", "*?[x]", "~root",
        "#no comment",
        "two\nlines", "tab\there", "bell\u{7}\u{1B}[201~rm", "'\n'", "\\n\n", "ü 日本 🦉", "\u{202E}txt.exe", "-rf", "!!",
        "{a,b}", "=ls", "\t'; printf '\nout\n'; '",
    ]

    /// A shell reads back exactly what was written, and does nothing else.
    @Test(arguments: hostile)
    func staysOneWord(text: String) async throws {
        let command = "printf '%s.' \(ShellWord.quoted(text)) end"
        let shells: [(FilePath, [String])] = [("/bin/bash", []), ("/usr/bin/zsh", ["-f"])]
        for (shell, options) in shells {
            let result = try await BuiltProgram.run(
                shell, options + ["-c", command], environment: ["LC_ALL": "C.UTF-8"])
            #expect(result.exitCode == 0 && result.errors.isEmpty)
            #expect(result.output == "\(text).end.", "\(shell): \(command)")
        }
        // One that does not know all of it prints something else, and does nothing else.
        let plain = try await BuiltProgram.run("/bin/sh", ["-c", command], environment: ["LC_ALL": "C.UTF-8"])
        #expect(plain.exitCode == 0 && plain.output.hasSuffix(".end.") && !plain.output.contains("\nout"))
        // As one line, without anything that a terminal would act on.
        #expect(!command.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }

    @Test(arguments: hostile + ["END", "$(echo out)", "`echo out`; echo out | cat > /dev/stdout"])
    func whatIsListedIsOnlyRead(text: String) async throws {
        let commands = (ShellWord.listing([text, "it's $(echo out)"]) + ["echo after"]).joined(separator: "\n")
        // zsh as it is where somebody types: it knows no comments there.
        let shells: [(FilePath, [String])] = [
            ("/bin/bash", []), ("/bin/sh", []), ("/usr/bin/zsh", ["-f", "-o", "nointeractivecomments"]),
        ]
        for (shell, options) in shells {
            let result = try await BuiltProgram.run(shell, options + ["-c", commands], environment: [:])
            #expect(result.output == "after\n" && result.errors.isEmpty, "\(shell): \(result)")
        }
        #expect(ShellWord.listing([String(repeating: "x", count: 500)])[1].count == 303)
    }
}

struct ReproductionTests {
    private func run(
        _ tags: [String: String] = [:], params: [String: String] = [:], datasets: [DatasetInput] = []
    ) throws -> Run {
        let info = RunInfo(
            id: "ab", experimentID: .first, name: "r", userID: "ann", status: .finished,
            startTime: Timestamp(milliseconds: 0), endTime: nil, artifactURI: "mlflow-artifacts:/0/ab/artifacts",
            stage: .active)
        return Run(
            info: info, params: params.sorted { $0.key < $1.key }.map { Param(key: $0.key, value: $0.value) },
            tags: tags.sorted { $0.key < $1.key }.map { Tag(key: $0.key, value: $0.value) }, datasetInputs: datasets)
    }

    private func again(_ run: Run, _ dependencies: [Reproduction.Dependencies] = []) -> Reproduction {
        Reproduction(of: run, dependencies: dependencies, origin: "http://host:8080")
    }

    private static let git = [
        "mlflow.source.type": "LOCAL", "mlflow.source.name": "src/train.py",
        "mlflow.source.git.commit": "3f2a9c1d7b5e", "mlflow.source.git.repoURL": "https://git.example/team/churn.git",
    ]

    @Test func aScriptInARepositoryIsDoneAgain() throws {
        let dataset = Dataset(
            name: "patients", digest: "a9cf", sourceType: "local", source: #"{"uri": "/data/patients.csv"}"#)
        let run = try run(
            Self.git, params: ["depth": "3"],
            datasets: [DatasetInput(dataset: dataset, tags: [Tag(key: "mlflow.data.context", value: "training")])])
        let needs = Reproduction.Dependencies(
            model: "forest", requirements: "http://host:8080/get?path=a&b=c", conda: "http://host:8080/conda",
            python: "3.11.2")
        let again = again(run, [needs])
        #expect(
            again.commands == """
                # Its code
                git clone https://git.example/team/churn.git churn
                cd churn
                git checkout 3f2a9c1d7b5e

                # What it needs, on Python 3.11.2
                python -m venv .venv && . .venv/bin/activate
                pip install -r 'http://host:8080/get?path=a&b=c'

                # Its data
                : <<'END'
                  patients, digest a9cf, for training: /data/patients.csv
                END

                export MLFLOW_TRACKING_URI=http://host:8080 MLFLOW_EXPERIMENT_ID=0
                python src/train.py

                # It was given these params. How it takes them was not recorded
                : <<'END'
                  depth=3
                END
                """)
        #expect(again.missing == [])
    }

    @Test(arguments: ["https://ci-token:s3cret@x@git.example/team/churn.git", "https://s3cret@git.example/a.git"])
    func noPasswordIsShown(address: String) throws {
        let project = RunSource(try run(["mlflow.source.type": "PROJECT", "mlflow.source.name": address]))
        #expect(project.name?.hasPrefix("https://git.example/") == true)
        let run = try run(Self.git.merging(["mlflow.source.git.repoURL": address]) { $1 })
        #expect(RunSource(run).repository?.contains("s3cret") == false)
        #expect(again(run).commands.contains("git.example/") && !again(run).commands.contains("s3cret"))
    }

    @Test func aProjectIsFetchedByMLflow() throws {
        let tags = [
            "mlflow.source.type": "PROJECT", "mlflow.source.name": "https://git.example/team/churn#train",
            "mlflow.source.git.commit": "3f2a9c1d7b5e", "mlflow.project.entryPoint": "main",
        ]
        let again = again(try run(tags, params: ["depth": "3", "note": "a 'b' $(c)"]))
        #expect(
            again.commands.hasSuffix(
                """
                mlflow run 'https://git.example/team/churn#train' \\
                  -v 3f2a9c1d7b5e \\
                  -e main \\
                  --experiment-id 0 \\
                  -P depth=3 \\
                  -P 'note=a '\\''b'\\'' $(c)'
                """), "\(again.commands)")
        #expect(!again.commands.contains("git clone"))
        #expect(again.missing.count == 1 && again.missing[0].hasPrefix("What data"))
    }

    @Test func ofNothingIsSaidWhatIsNotKnown() throws {
        let again = again(try run())
        #expect(again.commands == "")
        #expect(
            again.missing.map { $0.prefix(12) } == ["Its code was", "What it need", "What data it", "How it was s"])
    }

    @Test(arguments: [
        "--upload-pack=touch /tmp/x", "ext::sh -c id", "/etc", "file:///etc", "ssh://-oProxyCommand=id/x", "-x@host:y",
        "git@-x:y", "https://a b/c", "fd::1",
    ])
    func noAddressThatGitWouldRunIsGiven(address: String) throws {
        let again = again(try run(Self.git.merging(["mlflow.source.git.repoURL": address]) { $1 }))
        #expect(!again.commands.contains("git clone"))
        #expect(again.missing.contains { $0.contains("from where Git does not fetch") })
    }

    @Test(arguments: ["ssh://git@host/x.git", "git@host.example:team/x.git", "http://host:80/x", "git://host/x"])
    func anAddressOnANetworkIs(address: String) throws {
        let again = again(try run(Self.git.merging(["mlflow.source.git.repoURL": address]) { $1 }))
        #expect(again.commands.contains("git clone \(address) x\n"))
    }

    @Test func aCommitIsNoOption() throws {
        let again = again(try run(Self.git.merging(["mlflow.source.git.commit": "--orphan x"]) { $1 }))
        #expect(!again.commands.contains("git checkout"))
        #expect(again.missing.contains { $0.contains("“--orphan x”, is none that Git could find") })
    }

    @Test func aNotebookIsNotStartedByGuessing() throws {
        let notebook = again(try run(["mlflow.source.type": "NOTEBOOK", "mlflow.source.name": "churn.ipynb"]))
        #expect(!notebook.commands.contains("python "))
        #expect(notebook.missing.contains { $0.contains("“churn.ipynb”") })
        let session = again(try run(["mlflow.source.name": "/usr/lib/ipykernel_launcher.py"]))
        #expect(
            !session.commands.contains("python ") && session.missing.contains { $0.contains("interactive session") })
    }

    @Test func whatPipDoesNotKnowCondaDoes() throws {
        let needs = Reproduction.Dependencies(model: "m", requirements: nil, conda: "http://h/c", python: nil)
        #expect(again(try run(), [needs]).commands.contains("curl -fsS -o conda.yaml http://h/c\nconda env create"))
    }
}
