import Wire

/// A name for what was not given one, such as `brisk-heron-418`: easy to say, and seldom the same twice.
enum RunName {
    static func random(_ entropy: Entropy) -> String {
        let bits = entropy.bits()
        let adjective = adjectives[Int(bits % UInt64(adjectives.count))]
        let animal = animals[Int((bits >> 16) % UInt64(animals.count))]
        return "\(adjective)-\(animal)-\((bits >> 32) % 1000)"
    }

    private static let adjectives = [
        "able", "agile", "amber", "apt", "awake", "bold", "brave", "bright", "brisk", "calm", "candid", "clear",
        "clever",
        "crisp", "curious", "daring", "deft", "eager", "early", "even", "fair", "fleet", "frank", "fresh", "gentle",
        "glad", "golden", "grand", "hardy", "honest", "humble", "jolly", "keen", "kind", "light", "lively", "loyal",
        "lucid", "mellow", "merry", "mild", "neat", "nimble", "noble", "patient", "plucky", "polite", "proud", "quick",
        "quiet", "rapid", "ready", "serene", "sharp", "silver", "smart", "spry", "steady", "sunny", "swift", "tidy",
        "vivid", "warm", "wise",
    ]

    private static let animals = [
        "badger", "bat", "bear", "beaver", "bee", "bison", "bittern", "crane", "cricket", "crow", "curlew", "deer",
        "dolphin", "dove", "duck", "eagle", "egret", "elk", "falcon", "ferret", "finch", "fox", "frog", "gecko",
        "goose",
        "grebe", "gull", "hare", "hawk", "heron", "horse", "ibis", "jay", "kestrel", "kite", "koala", "lark", "linnet",
        "lynx", "magpie", "martin", "martlet", "mole", "moose", "newt", "otter", "owl", "panda", "plover", "puffin",
        "quail", "raven", "robin", "seal", "shrew", "snipe", "sparrow", "starling", "stork", "swan", "swift", "tern",
        "thrush", "wren",
    ]
}
