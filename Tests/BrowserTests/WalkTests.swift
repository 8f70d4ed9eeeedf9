import NIOHTTP1
import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// All pages, walked as somebody does who does not know the house.
    @Suite struct WalkTests {
        /// What pages of one kind have in common: `/runs/4f…/artifacts` and `/runs/5a…/artifacts` are one.
        private static func shape(_ path: String) -> String {
            let parts = path.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1).map(String.init)
            let fixed: Set = [
                "traces", "versions", "artifacts", "alias", "columns", "performance", "traffic", "report", "monitors",
                "endpoints", "channels",
            ]
            let components = (parts.first ?? "").split(separator: "/").enumerated().map { place, part in
                place == 0 || fixed.contains(String(part)) ? String(part) : "*"
            }
            let keys = parts.count > 1 ? parts[1].split(separator: "&").map { $0.prefix { $0 != "=" } } : []
            let shown = keys.filter { ["path", "runs", "alias"].contains($0) }
            return "/\(components.joined(separator: "/"))\(shown.map { "?\($0)" }.joined())"
        }

        private static func links(of page: String, on server: SeededServer) async throws -> [String] {
            let answer = try await server.server.client.get(page, headers: ["Accept": "text/html"])
            guard answer.status == 200, answer.header("Content-Type")?.hasPrefix("text/html") == true else { return [] }
            return answer.text.matches(of: /<a [^>]*href="(\/[^"]*)"/).map {
                String($0.1).replacing("&amp;", with: "&").replacing("&#39;", with: "'")
            }
        }

        @Test func everyPageIsTwoClicksFromTheFirst() async throws {
            let server = try await Stage.server(.three)
            var found: Set = [Self.shape("/")]
            let first = try await Self.links(of: "/", on: server)
            found.formUnion(first.map(Self.shape))
            for page in Set(first) where !page.hasPrefix("/assets") {
                found.formUnion(try await Self.links(of: page, on: server).map(Self.shape))
            }
            let far = Place.allCases.filter { $0 != .missing && !found.contains(Self.shape($0.path(on: server))) }
            #expect(far == [])
        }

        /// Each number in a table stands in a column that says on hover what it is, or says so itself, or leads somewhere; and so
        /// do the large figures.
        @Test func everyNumberIsExplained() async throws {
            let server = try await Stage.server(.three)
            let browser = try await Stage.browser()
            for place in Place.allCases {
                try await browser.open(server.url + place.path(on: server))
                let bare = try await browser.run(
                    """
                    const says = (e) => e && (e.title || e.querySelector("[title], a[href]") || e.closest("[title]"));
                    const isNumber = (e) => /\\d/.test(e.textContent);
                    const bare = [];
                    for (const cell of document.querySelectorAll("main td.number, main th.number[scope=row]")) {
                        const head = cell.closest("table").tHead?.rows[0]?.cells[cell.cellIndex];
                        if (isNumber(cell) && !says(cell) && !says(head)) bare.push(head?.textContent ?? cell.textContent);
                    }
                    for (const value of document.querySelectorAll("main dl.numbers dd")) {
                        if (isNumber(value) && !says(value) && !says(value.previousElementSibling)) bare.push(value.parentElement.textContent);
                    }
                    return [...new Set(bare)];
                    """)
                #expect(bare == [], "\(place)")
            }
        }
    }
}
