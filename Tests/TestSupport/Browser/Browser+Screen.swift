package import Foundation
import Wire

/// What the page is told of the world around it.
extension Browser {
    package enum Theme: String, Sendable, CaseIterable {
        case light, dark
    }

    /// Gives the page a window of so many pixels, however small a window of the browser may be.
    package func resize(width: Int, height: Int = 900) async throws {
        try await devTools(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(width)), "height": .integer(Int64(height)), "deviceScaleFactor": 1,
                "mobile": false,
            ])
    }

    /// Has the page see what the system is set to, and motion unwanted, so that pictures of it are alike.
    package func setTheme(_ theme: Theme) async throws {
        try await devTools(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": .string(theme.rawValue)],
                    ["name": "prefers-reduced-motion", "value": "reduce"],
                ]
            ])
    }

    /// Whether pages opened from now on run their scripts. Those of tests run in any case.
    package func setScripts(areOn: Bool) async throws {
        try await devTools("Emulation.setScriptExecutionDisabled", ["value": .bool(!areOn)])
    }

    /// Waits until what the page has to draw is drawn. Its scripts must be on.
    package func settle() async throws {
        try await runUntilDone("requestAnimationFrame(() => requestAnimationFrame(done));")
    }

    /// How wide the document is, and how wide the window.
    package var widths: (document: Int, window: Int) {
        get async throws {
            let widths = try await run("return [document.scrollingElement.scrollWidth, innerWidth];")
            let numbers = widths.arrayValue?.compactMap(\.integerValue) ?? []
            guard numbers.count == 2 else { throw WebDriverError(error: "no widths", message: widths.text) }
            return (Int(numbers[0]), Int(numbers[1]))
        }
    }

    /// What stands out of the window to the right and is not in a frame that scrolls: the opening tags, outermost first.
    package var overflowing: [String] {
        get async throws {
            let found = try await run(
                """
                const scrolls = (element) => {
                    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
                        if (getComputedStyle(e).overflowX !== "visible") return true;
                    return false;
                };
                return [...document.body.querySelectorAll("*")]
                    .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(e))
                    .slice(0, 5).map((e) => e.cloneNode(false).outerHTML.slice(0, 200));
                """)
            return found.arrayValue?.compactMap(\.stringValue) ?? []
        }
    }

    /// A picture (PNG) of the page from its top, as far down as it goes.
    /// - Parameter limit: the most pixels that it is high.
    package func screenshot(height limit: Int = 6000) async throws -> Data {
        let size = try await run(
            "const e = document.scrollingElement; return [innerWidth, e.scrollHeight, innerHeight];")
        let numbers = size.arrayValue?.compactMap(\.integerValue) ?? []
        guard numbers.count == 3 else { throw WebDriverError(error: "no size", message: size.text) }
        let height = min(max(numbers[1], numbers[2]), Int64(limit))
        let picture = try await devTools(
            "Page.captureScreenshot",
            [
                "format": "png", "captureBeyondViewport": true,
                "clip": ["x": 0, "y": 0, "width": .integer(numbers[0]), "height": .integer(height), "scale": 1],
            ])
        guard let data = Data(base64Encoded: picture["data"]?.stringValue ?? "") else {
            throw WebDriverError(error: "no picture", message: "")
        }
        return data
    }
}
