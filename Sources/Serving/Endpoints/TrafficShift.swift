import Manifests
import OrderedCollections
import Wire
import YAML

/// Other shares for the variants of an endpoint: the manifest as it would be. A pure value.
struct TrafficShift: Sendable {
    /// In percent, in the order of the manifest.
    let weights: [(variant: String, percent: Int)]
    private let document: JSON

    /// - Parameter asked: the shares that are wanted; a variant that nothing is said of keeps its own.
    /// - Throws: `FieldProblem` for one that is far from a share.
    init(_ manifest: Manifest, asked: (_ variant: String) throws -> Int?) throws {
        let declared = try EndpointManifest(manifest)
        document = manifest.json
        weights = try declared.variants.map { variant in
            let percent = try asked(variant.name) ?? variant.weight
            // What is only too large is said where the shares are; they are added up.
            guard Int32(exactly: percent) != nil else {
                throw FieldProblem("The share of '\(variant.name)' must be between 0 and 100; it is \(percent).")
            }
            return (variant.name, percent)
        }
    }

    var sum: Int { weights.reduce(0) { $0 + $1.percent } }

    /// What would be in force.
    var yaml: String { YAMLText.text(of: shifted) }

    private var shifted: JSON {
        let variants = zip(document["spec"]?["variants"]?.arrayValue ?? [], weights).map { variant, weight in
            variant.setting("weight", to: .integer(Int64(weight.percent)))
        }
        let spec = (document["spec"] ?? [:]).setting("variants", to: .array(variants))
        return document.setting("spec", to: spec)
    }

    /// What deals the requests instead of the weights, in words; nil when the weights do.
    /// - Parameter isDecided: whether one variant answers for all since the experiment was decided.
    static func steering(_ manifest: EndpointManifest, isDecided: Bool) -> String? {
        if manifest.bandit != nil {
            return
                "A bandit deals the requests by what the variants earn. To divide them by hand, take 'bandit' out of the "
                + "manifest."
        }
        if manifest.experiment != nil {
            return isDecided
                ? "The experiment is decided, and one variant answers for all. To divide the requests again, take 'experiment' out "
                    + "of the manifest."
                : "An experiment divides the requests, and compares what comes of it: other shares on the way would make its "
                    + "numbers harder to read. To divide them by hand, take 'experiment' out of the manifest."
        }
        if manifest.variants.count < 2 {
            return "One variant answers for all. To divide the requests, add another to 'variants' in the manifest."
        }
        return nil
    }
}

extension JSON {
    /// An object with a member of another value, where it stands; at the end when it is new.
    fileprivate func setting(_ name: String, to value: JSON) -> JSON {
        var members = objectValue ?? [:]
        members[name] = value
        return .object(members)
    }
}
