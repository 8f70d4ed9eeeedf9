import Testing
import Wire

/// Regular expressions, with what Python's `re.search` says of the same.
@Suite struct PatternTests {
    @Test(arguments: [
        ("a+b", "xaab", true), ("^a", "ba", false), ("a$", "ba\n", true), ("a\\Z", "ba\n", false),
        ("(foo|bar)\\d{2,3}$", "xbar12", true), ("(?:foo|bar){2}", "foobaz", false),
        ("(?i)HeL[l-o]+", "say hello", true),
        ("[^a-c]+$", "abcd", true), ("^[\\w.-]+@\\w+$", "a.b-c@d", true), ("\\bcat\\b", "a cat", true),
        ("\\bcat\\b", "concat", false), ("\\Bcat", "concat", true), ("a{2}", "a", false), ("a{,2}b", "aab", true),
        ("", "x", true), ("a||b", "", true), ("(a*)*b", "aab", true), ("a.c", "a\nc", false), ("ä.ö", "ä😀ö", true),
        ("[]x]", "]", true), ("[a\\]]+?", "]", true), ("\\.\\*", ".*", true), ("[\\D]", "12", false),
        ("[-a]", "-", true),
    ])
    func findsWhatPythonFinds(pattern: String, text: String, isFound: Bool) throws {
        #expect(PatternProgram(try Pattern(pattern)).isIn(text) == isFound)
    }

    @Test(arguments: [
        "(", ")", "*a", "a**", "[a", "[", "\\", "\\1", "(?=a)", "(?P<n>a)", "a{3,2}", "a{999}", "(a{200}){200}",
        "[z-a]",
        "{", "^*", "\\pL", String(repeating: "(", count: 200), String(repeating: "ab", count: 5000),
    ])
    func refusesWhatIsNoneAndWhatIsTooLarge(pattern: String) {
        #expect(throws: PatternProblem.self) { try Pattern(pattern) }
    }

    /// A search that tries one way after the other would not come to an end.
    @Test func takesATimeThatGrowsWithTheTextAlone() throws {
        let text = String(repeating: "a", count: 2000) + "b"
        #expect(PatternProgram(try Pattern("(a+)+$")).isIn(text) == false)
        #expect(PatternProgram(try Pattern("(a|aa)*c")).isIn(text) == false)
        #expect(PatternProgram(try Pattern("(a?){100}a{100}$")).isIn(text) == false)
    }
}
